//! What a call costs that is judged by 100 rules, beside one that is only read.

use std::{error::Error, hint::black_box, time::Instant};

use mcp_guard_arguments::{Call, Constraints, Limit, Matcher, Pointer, Rule, Value, Zone};

const ROUNDS: u32 = 20_000;

type Maker = fn() -> Result<Matcher, Box<dyn Error>>;

fn main() -> Result<(), Box<dyn Error>> {
    let makers: [Maker; 5] = [
        || Ok(Matcher::regex(["[a-z/.]+", "x.*"])?),
        || Ok(Matcher::path_within(vec![Zone::new("/srv", None)?])?),
        || Ok(Matcher::prefix(["/srv/", "/home/"])?),
        || Ok(Matcher::length(Some(1), Some(200))?),
        || Ok(Matcher::except(Matcher::range(Limit::new("5", false), None)?)),
    ];
    let mut rules = Vec::new();
    let mut members = Vec::new();
    for argument in 0..20 {
        members.push(format!("\"argument{argument}\":\"/srv/project/source.rs\""));
        for make in makers {
            rules.push(Rule::new(Pointer::parse(&format!("/argument{argument}"))?, [make()?]));
        }
    }
    let constraints = Constraints { rules, closed: true, ..Constraints::default() };
    let text = format!("{{{}}}", members.join(","));
    let found = constraints.check(&Value::read(&text)?, &Call::default());
    assert!(found.is_empty(), "{found:?}");

    let read = time(|| {
        black_box(Value::read(black_box(&text)).is_ok());
    });
    let judged = time(|| {
        let value = Value::read(black_box(&text));
        black_box(value.is_ok_and(|value| constraints.check(&value, &Call::default()).is_empty()));
    });
    let added = judged - read;
    println!(
        "read {read:.2} us, read and judged by 100 rules {judged:.2} us: {added:.2} us more, {:.1} times",
        judged / read
    );
    println!("within 10 us: {}", added <= 10.0);
    Ok(())
}

/// Microseconds of one round, the best of five.
fn time(mut round: impl FnMut()) -> f64 {
    let mut once = || {
        let begun = Instant::now();
        (0..ROUNDS).for_each(|_| round());
        begun.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS)
    };
    (0..5).map(|_| once()).fold(f64::INFINITY, f64::min)
}
