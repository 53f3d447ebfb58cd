//! The report as a chart: for each corpus, what was found of attacks and what was stopped of the rest.

use std::fmt::Write as _;

use super::{
    report::Report,
    tally::{Counts, Share},
};

const LEFT: u32 = 220;
const WIDTH: u32 = 360;
const GAP: u32 = 60;
const ROW: u32 = 34;
const TOP: u32 = 56;

pub(crate) fn chart(report: &Report) -> String {
    let rows = u32::try_from(report.corpora.len()).unwrap_or(u32::MAX);
    let (width, height) = (LEFT + 2 * WIDTH + 2 * GAP, TOP + rows.saturating_mul(ROW) + 20);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    let right = LEFT + WIDTH + GAP;
    for (x, title) in [
        (LEFT, "attacks: found, and blocked or altered (%)"),
        (right, "benign: found, and blocked or altered (%)"),
    ] {
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"20\" font-weight=\"bold\">{title}</text>");
        for percent in [0, 25, 50, 75, 100] {
            let x = x + WIDTH * percent / 100;
            let _ = writeln!(
                svg,
                "<text x=\"{x}\" y=\"40\" text-anchor=\"middle\" fill=\"#666\">{percent}</text>\
                 <line x1=\"{x}\" y1=\"46\" x2=\"{x}\" y2=\"{}\" stroke=\"#ddd\"/>",
                height - 16
            );
        }
    }
    for (number, corpus) in (0_u32..).zip(&report.corpora) {
        let y = TOP + number * ROW;
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            LEFT - 10,
            y + 16,
            escaped(&corpus.name)
        );
        bars(&mut svg, LEFT, y, corpus.total.attacks, ["#9ecae1", "#2171b5"]);
        bars(&mut svg, right, y, corpus.total.benign, ["#fdd0a2", "#d94801"]);
    }
    svg.push_str("</svg>\n");
    svg
}

/// Two bars, each with its interval.
fn bars(svg: &mut String, x: u32, y: u32, counts: Counts, colours: [&str; 2]) {
    for ((share, colour), y) in [counts.found(), counts.enforced()].into_iter().zip(colours).zip([y, y + 13])
    {
        let Some(Share { percent, from, to }) = share else { continue };
        let scale = |percent: f64| f64::from(WIDTH) * percent / 100.0;
        let (at, middle) = (f64::from(x), y + 6);
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{:.1}\" height=\"12\" fill=\"{colour}\"><title>{percent:.2} \
             ({from:.2} to {to:.2}) of {}</title></rect>\
             <line x1=\"{:.1}\" y1=\"{middle}\" x2=\"{:.1}\" y2=\"{middle}\" stroke=\"#333\"/>",
            scale(percent),
            counts.rows,
            at + scale(from),
            at + scale(to)
        );
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
