use decide::{Finding, Stage, Verdict};
use store::AuditSink;
use wire::{Salvaged, WireError};

use super::{
    Session, Side, reply,
    staged::{Delivery, Staged},
};
use crate::Clock;

impl<A: AuditSink> Session<A> {
    /// Answers a line that is no message, or drops it: whoever may be waiting for it is told.
    pub(super) fn refuse_line(
        &mut self,
        from: Side,
        error: &WireError,
        told: Salvaged,
        bytes: u64,
        line: Option<&[u8]>,
        arrived: Clock,
    ) {
        let decision = self.ids.next(arrived.wall_ms);
        // The sender is the one who can mend it, so it is told how.
        let reason = self.core.masked(&format!("{error}; {}", error.remedy()));
        let finding =
            Finding::new(Stage::Wire, "wire.refused", Verdict::Block, reason.clone()).remedy(error.remedy());
        let answer = |id| reply::denial(id, decision, error.code(), &finding);
        // Only an answer can have an asker waiting at the other end. If it was cut short, its sender is gone, which
        // is what the asker will be told.
        let asker = told.id.as_ref().filter(|_| told.answers && !told.calls && !self.unfinished);
        let asked = asker.and_then(|id| self.asked_mut(from.other()).take(id));
        let delivery = match (&asked, from) {
            (Some(_), _) => Delivery::Onward(answer(told.id)),
            (None, _) if told.answers && !told.calls => Delivery::Nothing,
            (None, Side::Client) => Delivery::Back(answer(told.id)),
            (None, Side::Server) if told.calls && told.id.is_some() => Delivery::Back(answer(told.id)),
            // Most likely something a server prints for people: it must not be answered.
            (None, Side::Server) => Delivery::Nothing,
        };
        let shown = line.map(|line| self.core.shown(&String::from_utf8_lossy(line))).unwrap_or_default();
        self.log.info(format_args!(
            "refused a line of {bytes} bytes from the {}: {reason}: {shown}",
            from.name()
        ));
        let about = asked.map(|asked| asked.about);
        let staged = self.staged_by_us(decision, from, about, &[finding], delivery);
        self.staged.push(Staged { kind: store::Kind::RefusedLine, bytes, ..staged });
    }
}
