//! What is written of a request into headers agrees with it, and no header breaks the check. An input is a list of tools,
//! a request, and headers, each on a line of its own.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use wire::{
    Content, Limits, Reader,
    headers::{ParamHeaders, Standard, check, decode, encode},
    member,
    meta::{Meta, looks_modern},
};

fuzz_target!(|data: &[u8]| {
    let mut lines = data.split(|byte| *byte == b'\n');
    let tools = read(lines.next().unwrap_or_default());
    let request = read(lines.next().unwrap_or_default());
    let headers: Vec<(&str, &[u8])> = lines.filter_map(header).collect();
    for (_, value) in &headers {
        if let Ok(text) = std::str::from_utf8(value) {
            assert_eq!(decode(&encode(text)).as_deref(), Some(text));
            decode(text);
        }
    }

    let params = tools.as_ref().and_then(|frame| frame.body());
    let params = ParamHeaders::from_tools_list(params.map_or("", |(result, _)| result));
    let Some(frame) = request else { return };
    assert!(Meta::of(&frame).is_err() || looks_modern(&frame));
    let Some(standard) = Standard::of(&frame) else { return };
    let _ = check(headers.iter().copied(), &frame);
    let sent: Vec<_> = standard.to_send().map(|(name, value)| (name, value.into_owned())).collect();
    let plain = |text: &str| encode(text) == text && text.trim() == text;
    if plain(&standard.method) && standard.version.as_deref().is_none_or(plain) {
        assert_eq!(check(sent.iter().map(|(name, value)| (*name, value.as_bytes())), &frame), Ok(()));
    }

    let tool = standard.name.as_deref().unwrap_or_default();
    let arguments = frame.body().and_then(|(params, _)| member(params, "arguments")).map(|found| found.value);
    let _ = params.check(tool, arguments, headers.iter().copied());
    let sent: Vec<_> = params.expected(tool, arguments).collect();
    assert_eq!(
        params.check(tool, arguments, sent.iter().map(|(name, value)| (*name, value.as_bytes()))),
        Ok(())
    );
});

fn read(line: &[u8]) -> Option<wire::Frame<wire::Parsed>> {
    let mut reader = Reader::new(Limits { max_depth: 64, ..Limits::default() });
    match reader.read(&Bytes::copy_from_slice(line), false) {
        Ok(Content::Single(frame)) => Some(frame),
        _ => None,
    }
}

fn header(line: &[u8]) -> Option<(&str, &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = line.split_at(colon);
    Some((std::str::from_utf8(name).ok()?, value.get(1..)?))
}
