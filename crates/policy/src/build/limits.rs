use std::{sync::Arc, time::Duration};

use super::Builder;
use crate::{
    BucketKey, Pattern, RateLimit,
    file::{
        At, Given, expand,
        schema::{COUNT, LimitFile, RateLimitFile},
    },
    permissions::ToolPattern,
};

/// What the limits of one mapping share.
struct Scope<'s> {
    /// Its key.
    path: String,
    /// What its buckets begin with.
    bucket: &'s str,
    tool: Option<Arc<ToolPattern>>,
}

impl Builder<'_, '_> {
    /// The limits at the key `path`, counted in buckets whose keys begin with `bucket`.
    pub(super) fn rate_limits(
        &mut self,
        given: &Given<RateLimitFile>,
        path: &str,
        bucket: &str,
    ) -> Vec<RateLimit> {
        let Some(at) = &given.0 else { return Vec::new() };
        let file = &at.value;
        let bucket = &format!("{bucket} requests");
        let own = LimitFile {
            requests_per_minute: file.requests_per_minute.clone(),
            requests_per_hour: file.requests_per_hour.clone(),
            burst: file.burst.clone(),
        };
        let mut limits = self.counts(&own, &Scope { path: path.to_owned(), bucket, tool: None });
        for (written, given) in file.tool_limits.value().map(|map| map.0.as_slice()).unwrap_or_default() {
            let Some(tool) = self.tool(written) else { continue };
            let path = format!("{path}.tool_limits.{}", written.value);
            let tool_limits = self.counts(&given.value, &Scope { path, bucket, tool: Some(tool) });
            if tool_limits.is_empty() {
                self.no_number(given.place);
            }
            limits.extend(tool_limits);
        }
        if limits.is_empty() {
            self.no_number(at.place);
        }
        limits
    }

    /// So many requests a minute of one kind, such as `sampling`.
    pub(super) fn per_minute(&mut self, given: &Given<u64>, path: String, bucket: &str) -> Option<RateLimit> {
        let file = LimitFile { requests_per_minute: given.clone(), ..LimitFile::default() };
        let mut limit = self.counts(&file, &Scope { path: String::new(), bucket, tool: None }).pop()?;
        limit.path = path.into();
        Some(limit)
    }

    fn counts(&mut self, file: &LimitFile, scope: &Scope<'_>) -> Vec<RateLimit> {
        let burst = self.number("burst", &file.burst, &COUNT).map(|said| said.value);
        let mut limits = Vec::new();
        let mut spent = None;
        for (key, word, given, seconds) in [
            ("requests_per_minute", "minute", &file.requests_per_minute, 60),
            ("requests_per_hour", "hour", &file.requests_per_hour, 3600),
        ] {
            let Some(count) = self.number::<u32>(key, given, &COUNT) else { continue };
            let tool = scope.tool.as_ref().map(|tool| &*tool.pattern().text);
            limits.push(RateLimit {
                bucket: BucketKey::new(scope.bucket, word, tool),
                count: count.value,
                period: Duration::from_secs(seconds),
                // An hour's limit with the burst of a minute would be stricter than it says.
                burst: burst.filter(|_| spent.is_none()).unwrap_or(count.value),
                at: count.at,
                path: format!("{}.{key}", scope.path).into(),
                tool: scope.tool.clone(),
            });
            spent = Some(());
        }
        if let (Some(at), true) = (&file.burst.0, limits.is_empty()) {
            self.fault(
                at.place,
                "`burst` alone limits nothing",
                "add `requests_per_minute` or `requests_per_hour`",
            );
        }
        limits
    }

    fn tool(&mut self, written: &At<String>) -> Option<Arc<ToolPattern>> {
        let pieces = expand(written, self.lookup, self.report)?;
        if pieces.iter().all(|piece| piece.text.is_empty()) {
            self.fault(written.place, "this pattern is empty and would match nothing", "remove it");
            return None;
        }
        let pattern = Pattern::expanded(&written.value, self.report.location(written.place), pieces);
        match ToolPattern::compile(pattern) {
            Ok(tool) => Some(Arc::new(tool)),
            Err(errors) => {
                for error in errors {
                    self.bad_pattern(written.place, &error);
                }
                None
            }
        }
    }

    fn no_number(&mut self, place: crate::file::Place) {
        self.fault(
            place,
            "this limits nothing",
            "add `requests_per_minute` or `requests_per_hour`, or remove the key",
        );
    }
}
