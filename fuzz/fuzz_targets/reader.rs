//! Whatever the strict reader accepts, a lenient parser reads too, and what leaves means what came.
#![no_main]

use std::cell::RefCell;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use wire::{Content, Edits, Frame, Kind, Limits, Outgoing, Parsed, Permit, Reader, Salvage, WireError};

thread_local! {
    // Below the depth at which serde_json gives up. One reader for all inputs: its memory is reused.
    static READER: RefCell<Reader> =
        RefCell::new(Reader::new(Limits { max_depth: 64, ..Limits::default() }));
}

fuzz_target!(|data: &[u8]| {
    let line = Bytes::copy_from_slice(data);
    Salvage::line(&line);
    let as_line = READER.with_borrow_mut(|reader| reader.read(&line, true));
    let as_body = READER.with_borrow_mut(|reader| reader.read_body(&line, true));
    assert!(as_line.is_err() || as_body.is_ok(), "a line that is no body");
    judge(as_line, data);
    judge(as_body, data);
});

fn judge(content: Result<Content, WireError>, data: &[u8]) {
    match content {
        Ok(Content::Single(frame)) => check(frame, &parsed(data)),
        Ok(Content::Batch(frames)) => {
            let Value::Array(elements) = parsed(data) else { panic!("a batch that is no list") };
            assert_eq!(frames.len(), elements.len());
            for (frame, element) in frames.into_iter().zip(elements) {
                if let Ok(frame) = frame {
                    check(frame, &element);
                }
            }
        }
        Err(error) => assert!(error.offset <= data.len(), "an error beyond the line: {error:?}"),
    }
}

fn parsed(data: &[u8]) -> Value {
    serde_json::from_slice(data).expect("accepted, but another parser refuses it")
}

fn check(frame: Frame<Parsed>, came: &Value) {
    let (kind, id, parts) = (frame.kind(), frame.id(), frame.parts().count());
    let mut line = Vec::new();
    frame.decided(Permit::danger_for_the_decision_core(), Edits::default()).write_to(&mut line);
    assert!(!line.contains(&b'\n') && !line.contains(&b'\r'), "more than one line");
    let mut came = came.clone();
    if kind == Kind::Failure && came.get("id").is_none() {
        came["id"] = Value::Null;
    }
    assert_eq!(parsed(&line), came);
    let again = READER.with_borrow_mut(|reader| reader.read(&line.into(), false));
    let Ok(Content::Single(again)) = again else { panic!("what left is not accepted again: {again:?}") };
    assert_eq!((again.kind(), again.id(), again.parts().count()), (kind, id, parts));
}
