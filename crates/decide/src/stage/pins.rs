use policy::{DriftAction, Flow, Judgement, Surface};
use wire::{Kind, Method};

use super::{Passage, permission::noun, shown};
use crate::{
    Departure, Finding, Gravity, PinnedList, Pins, Stage, Verdict,
    listing::{Item, Listing, Offer},
};

/// Holds a server to what it was approved to be: what it says of itself, what it lists, and what is used of it, whether it
/// was listed or not.
pub(crate) fn pins(passage: &mut Passage<'_>) {
    let Some(pins) = passage.context.pins else { return };
    let found = match (passage.context.flow, passage.frame.kind()) {
        (Flow::Request, Kind::Request | Kind::Notification) => uses(passage, pins),
        (Flow::Response, Kind::Response) => answers(passage, pins),
        _ => return,
    };
    passage.findings.extend(found);
}

fn uses(passage: &Passage<'_>, pins: &dyn Pins) -> Vec<Finding> {
    let mut found = Vec::new();
    if passage.facts.targets.is_empty() {
        return found;
    }
    found.extend(
        pins.whole().iter().filter_map(|one| finding(passage, pins, "the server", one, Shown::Alone)),
    );
    for target in &passage.facts.targets {
        let list = match target.surface {
            Surface::Tool => PinnedList::Tools,
            Surface::Prompt => PinnedList::Prompts,
            Surface::Resource if target.name.contains('{') => PinnedList::Templates,
            Surface::Resource => PinnedList::Resources,
        };
        if found.iter().any(|finding| finding.verdict.stops()) {
            // One refusal stops the frame; the sender must not make us write down thousands.
            break;
        }
        if let Some(departure) = pins.called(list, &target.name) {
            let name = named(passage, target.surface, &target.name);
            found.extend(finding(passage, pins, &name, &departure, Shown::Alone));
        }
    }
    found
}

fn answers(passage: &mut Passage<'_>, pins: &dyn Pins) -> Vec<Finding> {
    match passage.context.answers.and_then(|asked| asked.method) {
        Some(Method::Initialize | Method::Discover) => introduction(passage, pins),
        Some(Method::ToolsList | Method::PromptsList | Method::ResourcesList | Method::TemplatesList) => {
            list(passage, pins)
        }
        _ => Vec::new(),
    }
}

/// That nobody has approved the server shows when it is used: a client may begin.
fn introduction(passage: &mut Passage<'_>, pins: &dyn Pins) -> Vec<Finding> {
    let result = passage.frame.body().map_or("", |(result, _)| result);
    let identity = pins.whole().into_iter().filter(|one| one.what == "identity");
    let departures: Vec<_> = identity.chain(pins.introduced(result)).collect();
    let mut found = Vec::new();
    for departure in departures {
        let name = format!("the server's {}", departure.what);
        let listing = passage.listing.as_ref().filter(|listing| listing.kind == Offer::Instructions);
        let cuts = departure.what == "instructions" && listing.is_some();
        let shown = if cuts { Shown::AmongOthers } else { Shown::Alone };
        let Some(one) = finding(passage, pins, &name, &departure, shown) else { continue };
        if one.verdict == Verdict::Redact
            && let Some(listing) = &mut passage.listing
        {
            listing.withhold(0);
        }
        found.push(one);
    }
    found
}

fn list(passage: &mut Passage<'_>, pins: &dyn Pins) -> Vec<Finding> {
    let whole = pins.whole();
    let unapproved = whole.iter().find(|one| one.gravity == Gravity::Unapproved);
    let mut found: Vec<Finding> = Vec::new();
    for departure in whole.iter().filter(|one| one.gravity != Gravity::Unapproved) {
        found.extend(finding(passage, pins, "the server", departure, Shown::Alone));
    }
    let Some(mut listing) = passage.listing.take() else { return found };
    for index in 0..listing.items.len() {
        let Some(item) = listing.items.get(index) else { break };
        let Some(surface) = permitted(passage, &listing, item) else { continue };
        let name = item.name.as_deref().unwrap_or_default();
        let departure = match unapproved {
            // Of a server that nobody approved nothing is shown.
            Some(departure) => Some(departure.clone()),
            None => raw(passage, item).and_then(|raw| pins.listed(list_of(listing.kind), name, raw)),
        };
        let Some(departure) = departure else { continue };
        let name = named(passage, surface, name);
        let Some(mut one) = finding(passage, pins, &name, &departure, Shown::AmongOthers) else { continue };
        if one.verdict == Verdict::Redact {
            listing.withhold(index);
        }
        one.pointer = Some(format!("/result/{}", listing.field));
        // A server must not make us write down thousands.
        match found.iter_mut().find(|other| other.rule == one.rule) {
            Some(other) => other.count += 1,
            None => found.push(one),
        }
    }
    passage.listing = Some(listing);
    found
}

/// An item as it stands in the line.
fn raw<'p>(passage: &Passage<'p>, item: &Item<'_>) -> Option<&'p str> {
    let (result, at) = passage.frame.body()?;
    result.get(item.span.start.checked_sub(at)?..item.span.end.checked_sub(at)?)
}

/// What an item is for, if it may be used at all: what may not is cut out for that.
fn permitted(passage: &Passage<'_>, listing: &Listing<'_>, item: &Item<'_>) -> Option<Surface> {
    let permissions = &passage.policy.permissions;
    let name = item.name.as_deref().unwrap_or_default();
    let (surface, judgement) = match listing.kind {
        Offer::Items(surface) => (surface, permissions.judge(surface, name)),
        Offer::Templates => (Surface::Resource, permissions.judge_template(name)),
        Offer::Instructions => return None,
    };
    matches!(judgement, Judgement::Allowed).then_some(surface)
}

fn list_of(offer: Offer) -> PinnedList {
    match offer {
        Offer::Items(Surface::Tool) => PinnedList::Tools,
        Offer::Items(Surface::Prompt) => PinnedList::Prompts,
        Offer::Items(Surface::Resource) | Offer::Instructions => PinnedList::Resources,
        Offer::Templates => PinnedList::Templates,
    }
}

fn named(passage: &Passage<'_>, surface: Surface, name: &str) -> String {
    format!("the {} \"{}\"", noun(surface), shown(passage.policy, name))
}

/// Where a departure shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// Where it can be cut out and the rest stays.
    AmongOthers,
    /// In what can only pass or not.
    Alone,
}

/// The finding of one departure; `None` where it is allowed.
fn finding(
    passage: &Passage<'_>,
    pins: &dyn Pins,
    name: &str,
    departure: &Departure,
    shown_where: Shown,
) -> Option<Finding> {
    let (action, rule, source) = departure.gravity.action(&passage.policy.pins.on_drift);
    let verdict = match (action, shown_where) {
        (DriftAction::Allow, _) => return None,
        (DriftAction::Warn, _) => Verdict::Warn,
        (DriftAction::Drop, Shown::AmongOthers) => Verdict::Redact,
        (DriftAction::Block, Shown::AmongOthers) if departure.gravity == Gravity::Unapproved => {
            Verdict::Redact
        }
        (DriftAction::Drop | DriftAction::Block, _) => Verdict::Block,
    };
    let text = passage.policy.content.masking().redact(&departure.text);
    let reason = match departure.gravity {
        Gravity::Unapproved => format!("{name} was not approved: {text}"),
        Gravity::Unknown => format!("what {name} was approved to be cannot be told: {text}"),
        _ => format!("{name} is not what was approved: {text}"),
    };
    let server = shown(passage.policy, pins.server());
    let remedy = if departure.gravity == Gravity::Unknown {
        "mend the lock, or the folder it is in, so that it can be read and written".to_owned()
    } else {
        format!(
            "look at `mcp-guard pins diff {server}`, and if it is right, `mcp-guard pins approve {server}`"
        )
    };
    Some(Finding::new(Stage::Pins, rule, verdict, reason).from(source).remedy(remedy))
}
