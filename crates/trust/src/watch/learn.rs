//! Learning from what a server says: what is pinned on first use, and what is seen to be otherwise.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Items, MOST_OPEN, Mode, State, Watch, snapshot::in_words};
use crate::{
    Change, Class, Item, Kind, LockError, Pinned, Seen, drift::removed, gravest, safe::shown,
    surface::introduction,
};

/// What is to be written.
#[derive(Default)]
struct Lesson {
    revision: Option<String>,
    pin: Items<Item>,
    /// A kind whose whole list has been seen, and the names in it.
    whole: Option<(Kind, BTreeSet<String>)>,
    seen: Items<Seen>,
    /// Items that are as they were approved.
    right: Vec<(Kind, String)>,
}

impl Watch {
    /// Takes note of what the server said of itself in answer to `initialize` or `server/discover`.
    pub fn note_introduction(&self, result: &Value) {
        let mut state = self.fresh_state();
        let revision = result.get("protocolVersion").and_then(Value::as_str).map(shown);
        let mut lesson = Lesson { revision, ..Lesson::default() };
        for (kind, value) in introduction(result) {
            note(&state, kind, String::new(), value, &mut lesson);
        }
        self.take_up(&mut state, lesson);
    }

    /// Takes note of one page of a list, that was asked for with this cursor.
    pub fn note_page(&self, kind: Kind, cursor: Option<&str>, result: &Value) {
        let Some((field, entry)) = kind.list() else { return };
        let mut state = self.fresh_state();
        let before = match cursor {
            None => Some(BTreeSet::new()),
            Some(cursor) => state.open.remove(&(kind, cursor.to_owned())),
        };
        let mut lesson = Lesson::default();
        let mut names = BTreeSet::new();
        for value in result.get(field).and_then(Value::as_array).into_iter().flatten() {
            let Some(name) = value.get(entry).and_then(Value::as_str) else { continue };
            names.insert(name.to_owned());
            note(&state, kind, name.to_owned(), value.clone(), &mut lesson);
        }
        if let Some(mut before) = before {
            before.extend(names);
            match result.get("nextCursor").and_then(Value::as_str) {
                Some(next) if state.open.len() < MOST_OPEN => {
                    state.open.insert((kind, next.to_owned()), before);
                }
                Some(_) => {}
                None => lesson.whole = Some((kind, before)),
            }
        }
        self.take_up(&mut state, lesson);
    }

    fn take_up(&self, state: &mut State, lesson: Lesson) {
        let done = self.write(state, lesson);
        state.trouble = done.err().map(|error| error.to_string());
        self.reread(state);
    }

    fn write(&self, state: &State, lesson: Lesson) -> Result<(), LockError> {
        if state.snapshot.trouble.is_some() && state.trouble.is_none() {
            // What cannot be read must not be written over.
            return Ok(());
        }
        self.pin(state, &lesson)?;
        self.keep_seen(state, lesson)
    }

    fn pin(&self, state: &State, lesson: &Lesson) -> Result<(), LockError> {
        let snapshot = &state.snapshot;
        let Lesson { revision, pin, whole, .. } = lesson;
        let closes = whole.as_ref().map(|(kind, _)| *kind).filter(|kind| !snapshot.is_closed(*kind));
        let learns = self.server.mode == Mode::FirstUse && !self.server.quarantine;
        if !learns || (snapshot.pinned.is_some() && closes.is_none() && pin.is_empty()) {
            return Ok(());
        }
        let anew = || Pinned {
            items: [((Kind::Identity, String::new()), Item::new(self.server.identity.clone()))].into(),
            ..Pinned::default()
        };
        let change = |lock: &mut crate::Lock| {
            let pinned = lock.servers.entry(self.server.name.clone()).or_insert_with(anew);
            if pinned.revision.is_none() {
                pinned.revision.clone_from(revision);
            }
            for (key, item) in pin {
                // Another process may have been first; and if it knows the whole list, this is new.
                if !pinned.listed.contains(&key.0) {
                    pinned.items.entry(key.clone()).or_insert_with(|| item.clone());
                }
            }
            pinned.listed.extend(closes);
        };
        self.server.lock.update(change).map(drop)
    }

    fn keep_seen(&self, state: &State, lesson: Lesson) -> Result<(), LockError> {
        let Lesson { whole, mut seen, mut right, .. } = lesson;
        let snapshot = &state.snapshot;
        if let (Some((kind, names)), Some(pinned)) = (&whole, &snapshot.pinned) {
            let gone = |(of, name): &&(Kind, String)| of == kind && !names.contains(name);
            // What was new and is gone again stands in nobody's way.
            right.extend(snapshot.seen.keys().filter(gone).cloned());
            for (key, item) in pinned.items.iter().filter(|(key, _)| gone(key)) {
                if let Some(gone) = seen_of(item, &[removed(key.0)]) {
                    seen.insert(key.clone(), gone);
                }
            }
        }
        let changed = seen.iter().any(|(key, seen)| snapshot.seen.get(key) != Some(seen));
        if !changed && !right.iter().any(|key| snapshot.seen.contains_key(key) && !seen.contains_key(key)) {
            return Ok(());
        }
        let change = |all: &mut Items<Seen>| {
            right.iter().for_each(|key| drop(all.remove(key)));
            all.extend(seen);
        };
        self.server.seen.update(&self.server.name, change).map(drop)
    }
}

fn note(state: &State, kind: Kind, name: String, value: Value, lesson: &mut Lesson) {
    let snapshot = &state.snapshot;
    let key = (kind, name);
    let changes = snapshot.changes(kind, &key.1, &value);
    let item = Item::new(value);
    if let Some(seen) = seen_of(&item, &changes) {
        lesson.right.retain(|right| *right != key);
        lesson.seen.insert(key, seen);
        return;
    }
    if lesson.seen.contains_key(&key) {
        // It comes twice, and the other one is not what was approved.
        return;
    }
    let known = snapshot.pinned.as_ref().is_some_and(|pinned| pinned.items.contains_key(&key));
    lesson.right.push(key.clone());
    if !known && !snapshot.is_closed(kind) && !snapshot.is_full(kind) {
        // Of two of one name the first holds, as it will hold from then on.
        lesson.pin.entry(key).or_insert(item);
    }
}

/// What was seen, if it is worth keeping: what is right or differs in looks alone stands in nobody's way.
fn seen_of(item: &Item, changes: &[Change]) -> Option<Seen> {
    let class = gravest(changes).filter(|class| *class > Class::Cosmetic)?;
    Some(Seen { digest: item.digest(), class, text: in_words(changes) })
}
