//! One finding per place.

use crate::scanner::Hit;

/// Sorts `hits[from..]` by start and merges those that overlap. The detector
/// and confidence of the merged hit come from the one of the highest rank, then
/// the surest, then the longest, then the earliest; its span covers them all, so that redacting it leaves no
/// tail of the others behind.
pub(crate) fn resolve<R: Ord>(hits: &mut Vec<Hit>, from: usize, rank: impl Fn(&Hit) -> R) {
    let Some(found) = hits.get_mut(from..).filter(|found| found.len() > 1) else {
        return;
    };
    found.sort_unstable_by_key(|hit| (hit.span.start, hit.span.end, hit.detector));
    let mut merged: Vec<Hit> = Vec::with_capacity(found.len());
    // The span by which the present winner won, before it grew.
    let mut winner = 0;
    for hit in found.iter() {
        match merged.last_mut() {
            Some(last) if hit.span.start < last.span.end => {
                let order =
                    (rank(hit), hit.confidence, hit.span.len()).cmp(&(rank(last), last.confidence, winner));
                if order.is_gt() {
                    last.detector = hit.detector;
                    last.confidence = hit.confidence;
                    last.disguise = hit.disguise;
                    winner = hit.span.len();
                } else if last.detector == hit.detector && hit.disguise.is_none() {
                    // What the text itself shows is not disguised.
                    last.disguise = None;
                }
                last.span.end = last.span.end.max(hit.span.end);
            }
            _ => {
                winner = hit.span.len();
                merged.push(hit.clone());
            }
        }
    }
    hits.truncate(from);
    hits.append(&mut merged);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Confidence, DetectorId};

    fn hit(detector: u16, start: usize, end: usize, confidence: u8) -> Hit {
        let confidence = Confidence::new(confidence);
        Hit { detector: DetectorId::new(detector), span: start..end, confidence, disguise: None }
    }

    #[test]
    fn the_surest_names_the_place_and_the_union_is_covered() {
        let mut hits = vec![hit(9, 0, 1, 50), hit(2, 20, 30, 90), hit(1, 5, 22, 80), hit(0, 40, 41, 10)];
        resolve(&mut hits, 1, |_| 0);
        assert_eq!(hits, [hit(9, 0, 1, 50), hit(2, 5, 30, 90), hit(0, 40, 41, 10)]);
    }

    #[test]
    fn the_longer_wins_a_tie_then_the_earlier() {
        let mut hits = vec![hit(1, 0, 10, 90), hit(2, 5, 25, 90), hit(3, 20, 40, 90)];
        resolve(&mut hits, 0, |_| 0);
        assert_eq!(hits, [hit(2, 0, 40, 90)]);
    }

    #[test]
    fn rank_comes_before_confidence() {
        let mut hits = vec![hit(1, 0, 10, 90), hit(2, 5, 7, 60), hit(3, 6, 40, 95)];
        resolve(&mut hits, 0, |hit| hit.detector == DetectorId::new(2));
        assert_eq!(hits, [hit(2, 0, 40, 60)]);
    }

    #[test]
    fn neighbours_stay_apart() {
        let mut hits = vec![hit(1, 5, 9, 90), hit(2, 0, 5, 90)];
        resolve(&mut hits, 0, |_| 0);
        assert_eq!(hits, [hit(2, 0, 5, 90), hit(1, 5, 9, 90)]);
    }
}
