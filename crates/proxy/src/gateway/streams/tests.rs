#![allow(clippy::unwrap_used, clippy::panic)] // A test fails by panicking.

use std::{
    sync::Arc,
    task::{Context, Poll, Waker},
};

use net::server::Chunks;
use wire::sse::Decoder;

use super::{Keep, LOOSE, Reader, Resumed, Streams};

fn streams(events: usize) -> Arc<Streams> {
    Arc::new(Streams::new(0xABCD, Keep { events, bytes: 1 << 20 }))
}

/// What the reader can read now, and whether its connection has ended.
fn read(reader: &mut Reader) -> (Vec<(String, String)>, bool) {
    let mut decoder = Decoder::new(1 << 16);
    let mut ended = false;
    loop {
        match reader.poll_chunk(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Some(chunk)) => decoder.feed(&chunk.unwrap()),
            Poll::Ready(None) => {
                ended = true;
                break;
            }
            Poll::Pending => break,
        }
    }
    let events = std::iter::from_fn(|| decoder.next_event()).map(|event| {
        let event = event.unwrap();
        (event.id.unwrap().to_string(), String::from_utf8(event.data.to_vec()).unwrap())
    });
    (events.collect(), ended)
}

fn resumed(streams: &Arc<Streams>, last: &str) -> Reader {
    match streams.resume(last) {
        Some(Resumed::Reader(reader)) => reader,
        Some(Resumed::Over) => panic!("nothing follows {last}"),
        None => panic!("{last} is unknown"),
    }
}

fn data(events: &[(String, String)]) -> Vec<&str> {
    events.iter().map(|(_, data)| data.as_str()).collect()
}

#[tokio::test]
async fn who_comes_back_gets_what_was_missed_and_nothing_twice() {
    let streams = streams(100);
    let name = streams.open(true);
    let mut first = streams.read(name);
    streams.push(name, b"1").await;
    streams.push(name, b"2").await;
    let (seen, ended) = read(&mut first);
    assert_eq!((data(&seen), ended), (vec!["", "1", "2"], false));
    drop(first);
    streams.push(name, b"3").await;
    streams.end(name);
    for (at, rest) in [(0, vec!["1", "2", "3"]), (1, vec!["2", "3"]), (2, vec!["3"])] {
        let mut again = resumed(&streams, &seen[at].0);
        let (events, ended) = read(&mut again);
        assert_eq!((data(&events), ended), (rest, true), "after {}", seen[at].0);
    }
}

#[tokio::test]
async fn ids_of_others_are_none_of_ours() {
    let streams = streams(100);
    let name = streams.open(false);
    streams.push(name, b"1").await;
    let other = Arc::new(Streams::new(0xABCE, Keep { events: 100, bytes: 1 << 20 }));
    other.open(false);
    assert!(streams.resume(&format!("abcd-{name}-0")).is_some());
    assert!(other.resume(&format!("abcd-{name}-0")).is_none(), "of another session");
    for id in [
        "",
        "abcd",
        "abcd-1",
        "abcd-1-1",
        "abcd-1-0-0",
        "abcd-9-0",
        "abcd-1-18446744073709551615",
        "x-1-0",
        "abcd--1",
    ] {
        assert!(streams.resume(id).is_none(), "{id}");
    }
}

#[tokio::test]
async fn only_the_latest_reader_reads() {
    let streams = streams(100);
    let mut old = streams.read(LOOSE);
    streams.push(LOOSE, b"1").await;
    let mut new = streams.read(LOOSE);
    streams.push(LOOSE, b"2").await;
    assert_eq!(read(&mut old), (vec![], true));
    assert_eq!(data(&read(&mut new).0), vec!["1", "2"]);
    drop(old);
    assert!(streams.loose_is_read(), "the end of the old one is not that of the new one");
}

/// Clients come again whenever a stream ends, unless they are told that it is over.
#[tokio::test]
async fn who_has_seen_everything_need_not_come_again() {
    let streams = streams(100);
    let name = streams.open(true);
    let (seen, _) = read(&mut streams.read(name));
    assert!(matches!(streams.resume(&seen[0].0), Some(Resumed::Reader(_))), "it has not ended");
    streams.end(name);
    assert!(matches!(streams.resume(&seen[0].0), Some(Resumed::Over)));
}

#[tokio::test]
async fn of_two_connections_the_one_replaced_does_not_replace_the_other() {
    let streams = streams(100);
    let mut old = streams.read(LOOSE);
    streams.push(LOOSE, b"1").await;
    let (seen, _) = read(&mut old);
    let mut new = streams.read(LOOSE);
    streams.push(LOOSE, b"2").await;
    let (seen_by_new, _) = read(&mut new);
    assert!(matches!(streams.resume(&seen[0].0), Some(Resumed::Over)), "it would get the other's events");
    drop(resumed(&streams, &seen_by_new[0].0));
    assert!(matches!(streams.resume(&seen[0].0), Some(Resumed::Reader(_))), "nobody else reads");
}

#[tokio::test]
async fn a_paused_reader_goes_away_and_finds_the_rest_when_it_comes_back() {
    let streams = streams(100);
    let name = streams.open(true);
    let mut first = streams.read(name);
    streams.pause(name, Some(5));
    streams.push(name, b"late").await;
    let (seen, ended) = read(&mut first);
    assert_eq!((data(&seen), ended), (vec!["", ""], true), "the pause is an event that can be resumed after");
    let mut again = resumed(&streams, &seen[1].0);
    assert_eq!(data(&read(&mut again).0), vec!["late"]);
}

#[tokio::test]
async fn what_nobody_fetches_is_bounded() {
    let streams = streams(10);
    for number in 0..1000 {
        streams.push(LOOSE, format!("{number}").as_bytes()).await;
    }
    let (events, _) = read(&mut streams.read(LOOSE));
    assert_eq!(data(&events), (990..1000).map(|number| number.to_string()).collect::<Vec<_>>());
    for _ in 0..100 {
        let name = streams.open(false);
        streams.end(name);
    }
    assert!(streams.lock().streams.len() <= super::ENDED + 2);
}

/// The limits are those of the session, however many streams it has: whoever is read loses nothing, then those that have
/// not ended keep most.
#[tokio::test]
async fn all_streams_of_a_session_share_what_is_kept() {
    let streams = streams(100);
    let (ended, left) = (streams.open(false), streams.open(false));
    for number in 0..90 {
        streams.push(ended, format!("{number}").as_bytes()).await;
    }
    streams.end(ended);
    for number in 0..50 {
        streams.push(left, format!("{number}").as_bytes()).await;
    }
    assert_eq!(streams.lock().kept.events, 100);
    assert_eq!(data(&read(&mut streams.read(left)).0).len(), 50, "what has ended makes room");
    let mut reader = streams.read(LOOSE);
    for number in 0..98 {
        streams.push(LOOSE, format!("{number}").as_bytes()).await;
    }
    assert_eq!(data(&read(&mut reader).0).len(), 98, "nothing is lost that somebody is about to read");
    assert_eq!(streams.lock().kept.events, 100);
    for _ in 0..1000 {
        let name = streams.open(true);
        streams.push(name, &[b'x'; 100]).await;
        let inner = streams.lock();
        let bytes =
            inner.streams.values().flat_map(|stream| &stream.events).map(bytes::Bytes::len).sum::<usize>();
        let events = inner.streams.values().map(|stream| stream.events.len()).sum::<usize>();
        assert_eq!((inner.kept.events, inner.kept.bytes), (events, bytes));
        assert!(events <= 100, "{events}");
    }
}

#[tokio::test]
async fn everybody_who_waits_for_a_slow_reader_is_heard_in_the_end() {
    for name in [LOOSE, 1] {
        let streams = streams(2);
        assert_eq!(streams.open(false), 1);
        let mut reader = streams.read(name);
        let mut speaking = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let streams = Arc::clone(&streams);
            speaking.spawn(async move { streams.push(name, b"x").await });
        }
        let mut heard = 0;
        while heard < 10 {
            tokio::task::yield_now().await;
            let (events, _) = read(&mut reader);
            assert!(events.len() <= 2, "more is kept than may be: {}", events.len());
            heard += events.len();
            if events.is_empty() {
                assert!(speaking.try_join_next().is_some(), "somebody waits for ever");
            }
        }
    }
}
