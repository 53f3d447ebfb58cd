//! One audit for many sessions of a process.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test may panic and block its thread"
)]

mod support;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use mcp_guard_store::*;
use support::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_on_several_threads_lose_nothing_and_share_commits() {
    let home = Home::new();
    let audit = SharedAudit::new(home.open());
    let sessions = (0..40).map(|_| {
        let mut audit = audit.clone();
        tokio::spawn(async move {
            let session = audit.start_session(&start("files", "ann")).unwrap();
            let mut ids = Ids::for_session(session);
            for size in 0..30 {
                audit.record(&batch(&mut ids, session, size % 4)).await.unwrap();
            }
            audit.end_session(session, now_ms()).unwrap();
        })
    });
    for session in sessions.collect::<Vec<_>>() {
        session.await.unwrap();
    }
    assert_eq!(home.entries().len(), 40 * (0..30).map(|size| size % 4).sum::<usize>());
}

#[test]
fn what_fails_to_be_committed_fails_for_everyone_in_the_group() {
    let home = Home::new();
    let audit = SharedAudit::new(home.open());
    let [mut one, mut two] = [audit.clone(), audit.clone()];
    let session = audit.start_session(&start("files", "ann")).unwrap();
    let mut ids = Ids::for_session(session);
    let (first, second) = (batch(&mut ids, session, 2), batch(&mut ids, session, 3));
    let mut context = Context::from_waker(Waker::noop());
    {
        let mut first_done = pin!(one.record(&first));
        assert!(first_done.as_mut().poll(&mut context).is_pending(), "it waits for others to join");
        // The same decision ids again: the group's transaction fails as a whole.
        assert!(matches!(
            pin!(two.record(&first)).poll(&mut context),
            Poll::Ready(Err(StoreError::Collision { .. }))
        ));
        let outcome = first_done.poll(&mut context);
        assert!(matches!(outcome, Poll::Ready(Err(StoreError::Collision { .. }))), "{outcome:?}");
    }
    assert_eq!(home.entries().len(), 0);

    // The next group starts afresh.
    let mut done = pin!(two.record(&second));
    assert!(done.as_mut().poll(&mut context).is_pending());
    assert!(matches!(done.poll(&mut context), Poll::Ready(Ok(()))));
    assert_eq!(home.entries().len(), 3);
}

#[test]
fn a_session_that_is_alone_waits_for_nobody_until_it_has_company_again() {
    let home = Home::new();
    let audit = SharedAudit::new(home.open());
    let [mut one, mut two] = [audit.clone(), audit.clone()];
    let session = audit.start_session(&start("files", "ann")).unwrap();
    let mut ids = Ids::for_session(session);
    let mut context = Context::from_waker(Waker::noop());
    let mut waits = |audit: &mut SharedAudit| {
        let records = batch(&mut ids, session, 1);
        let mut done = pin!(audit.record(&records));
        let waits = done.as_mut().poll(&mut context).is_pending();
        if waits {
            assert!(matches!(done.poll(&mut context), Poll::Ready(Ok(()))));
        }
        waits
    };
    assert_eq!((0..40).filter(|_| waits(&mut one)).count(), 8 + 4);

    let (first, second) = (batch(&mut Ids::random(), session, 1), batch(&mut Ids::random(), session, 1));
    let mut context = Context::from_waker(Waker::noop());
    {
        let mut first_done = pin!(one.record(&first));
        assert!(first_done.as_mut().poll(&mut context).is_pending(), "it looks whether it is still alone");
        assert!(matches!(pin!(two.record(&second)).poll(&mut context), Poll::Ready(Ok(())) | Poll::Pending));
        assert!(matches!(first_done.poll(&mut context), Poll::Ready(Ok(()))));
    }
    assert!((0..8).all(|_| waits(&mut one)), "others may come again");
    assert_eq!(home.entries().len(), 40 + 2 + 8);
}

#[test]
fn a_session_that_goes_away_leaves_no_transaction_open() {
    let home = Home::new();
    let mut audit = SharedAudit::new(home.open());
    let session = audit.start_session(&start("files", "ann")).unwrap();
    let records = batch(&mut Ids::for_session(session), session, 2);
    {
        let mut abandoned = pin!(audit.record(&records));
        assert!(abandoned.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    home.intruder().execute_batch("BEGIN IMMEDIATE; COMMIT").unwrap();
    assert_eq!(home.entries().len(), 2);
}
