use std::mem;

use memchr::memchr;

use super::hygiene::Smell;

/// A second reading of what comes in on an HTTP/1.1 connection. The parser settles in silence what is told twice, a
/// length or a coding; this looks at the bytes and says so. It also knows whether a request has begun and not ended.
#[derive(Debug, Default)]
pub(super) struct Reading {
    at: At,
    head: Head,
    heads: u64,
    /// The beginning of a line whose end has not come.
    line: Vec<u8>,
}

/// What is wrong, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// In the head that is being read.
    Head(Smell),
    /// In a body.
    Body,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum At {
    #[default]
    Head,
    /// A body, or the data of a chunk, of which so much is left.
    Bytes {
        left: u64,
        chunk: bool,
    },
    ChunkEnd,
    ChunkSize,
    Trailers,
    /// What every HTTP/2 connection begins with, after its first line, of which so much is left.
    Preface {
        left: usize,
    },
    /// HTTP/2, or a connection that is lost.
    Nowhere,
}

/// What has been seen of a head.
#[derive(Debug, Default)]
struct Head {
    begun: bool,
    length: Option<u64>,
    chunked: bool,
}

/// The first line of an HTTP/2 connection (RFC 9113 §3.4).
pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0";

/// The bytes that must follow: the rest of the preface, and the head of the first frame.
const PREFACE_REST: usize = b"\r\nSM\r\n\r\n".len() + 9;

/// The longest line between chunks, with its extensions, which nobody uses.
const CHUNK_LINE: usize = 1024;

impl Reading {
    /// Reads on.
    pub(super) fn read(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        while !bytes.is_empty() {
            bytes = match self.at {
                At::Nowhere => return Ok(()),
                At::Bytes { left, chunk } => self.skip(bytes, left, chunk),
                At::Preface { left } => {
                    let left = left.saturating_sub(bytes.len());
                    self.at = if left == 0 { At::Nowhere } else { At::Preface { left } };
                    return Ok(());
                }
                _ => self.next_line(bytes).inspect_err(|_| self.at = At::Nowhere)?,
            };
        }
        Ok(())
    }

    /// Requests whose heads have come to their end.
    pub(super) fn heads(&self) -> u64 {
        self.heads
    }

    /// Whether nothing has been read.
    pub(super) fn is_fresh(&self) -> bool {
        self.heads == 0 && self.is_between_requests()
    }

    /// Whether a head has begun and not ended.
    pub(super) fn within_head(&self) -> bool {
        match self.at {
            At::Head => self.head.begun || !self.line.is_empty(),
            At::Preface { .. } => true,
            _ => false,
        }
    }

    /// Whether the last byte read was the last of a request, or none has come.
    pub(super) fn is_between_requests(&self) -> bool {
        self.at == At::Head && !self.within_head()
    }

    fn skip<'b>(&mut self, bytes: &'b [u8], left: u64, chunk: bool) -> &'b [u8] {
        let taken = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let left = left - taken as u64;
        self.at = match (left, chunk) {
            (0, true) => At::ChunkEnd,
            (0, false) => At::Head,
            (left, chunk) => At::Bytes { left, chunk },
        };
        bytes.get(taken..).unwrap_or_default()
    }

    fn next_line<'b>(&mut self, bytes: &'b [u8]) -> Result<&'b [u8], Fault> {
        let end = memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1);
        let (line, rest) = bytes.split_at(end);
        if self.at != At::Head && self.line.len() + line.len() > CHUNK_LINE {
            return Err(Fault::Body);
        }
        if !line.ends_with(b"\n") {
            self.line.extend_from_slice(line);
        } else if self.line.is_empty() {
            self.line(line)?;
        } else {
            let mut whole = mem::take(&mut self.line);
            whole.extend_from_slice(line);
            self.line(&whole)?;
        }
        Ok(rest)
    }

    fn line(&mut self, line: &[u8]) -> Result<(), Fault> {
        let head = self.at == At::Head;
        let fault = |smell| if head { Fault::Head(smell) } else { Fault::Body };
        let line = line.strip_suffix(b"\r\n").ok_or(fault(Smell::LineEnd))?;
        if memchr(b'\r', line).is_some() {
            return Err(fault(Smell::LineEnd));
        }
        self.at = match self.at {
            At::Head => self.head_line(line).map_err(fault)?,
            At::ChunkSize => match chunk_size(line).ok_or(Fault::Body)? {
                0 => At::Trailers,
                left => At::Bytes { left, chunk: true },
            },
            At::ChunkEnd if line.is_empty() => At::ChunkSize,
            At::ChunkEnd => return Err(Fault::Body),
            At::Trailers if line.is_empty() => At::Head,
            at => at,
        };
        Ok(())
    }

    fn head_line(&mut self, line: &[u8]) -> Result<At, Smell> {
        match (self.head.begun, line) {
            // Empty lines before a request are no part of it (RFC 9112 §2.2).
            (false, b"") => Ok(At::Head),
            (false, PREFACE) if self.heads == 0 => Ok(At::Preface { left: PREFACE_REST }),
            (false, _) => {
                self.head.begun = true;
                Ok(At::Head)
            }
            (true, b"") => {
                self.heads += 1;
                let head = mem::take(&mut self.head);
                Ok(match head.length {
                    _ if head.chunked => At::ChunkSize,
                    None | Some(0) => At::Head,
                    Some(left) => At::Bytes { left, chunk: false },
                })
            }
            (true, [b' ' | b'\t', ..]) => Err(Smell::Fold),
            (true, line) => self.head.field(line).map(|()| At::Head),
        }
    }
}

impl Head {
    fn field(&mut self, line: &[u8]) -> Result<(), Smell> {
        let Some(colon) = memchr(b':', line) else { return Ok(()) };
        let (name, value) = line.split_at(colon);
        let name = name.trim_ascii();
        let length = name.eq_ignore_ascii_case(b"content-length");
        let coding = name.eq_ignore_ascii_case(b"transfer-encoding");
        if !length && !coding {
            return Ok(());
        }
        if self.chunked && coding {
            return Err(Smell::Coding);
        }
        if self.chunked || self.length.is_some() {
            return Err(Smell::Length);
        }
        let value = value.strip_prefix(b":").unwrap_or_default().trim_ascii();
        if length {
            self.length = Some(decimal(value).ok_or(Smell::Length)?);
        } else if value.eq_ignore_ascii_case(b"chunked") {
            self.chunked = true;
        } else {
            return Err(Smell::Coding);
        }
        Ok(())
    }
}

/// Digits and nothing else.
fn decimal(digits: &[u8]) -> Option<u64> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    str::from_utf8(digits).ok()?.parse().ok()
}

/// The size before a chunk, whatever extensions follow (RFC 9112 §7.1).
fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (digits, rest) = line.split_at(digits);
    if !matches!(rest.trim_ascii_start(), [] | [b';', ..]) || digits.len() > 16 {
        return None;
    }
    u64::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> (Result<(), Fault>, u64, bool) {
        let mut reading = Reading::default();
        (reading.read(text.as_bytes()), reading.heads(), reading.within_head())
    }

    #[test]
    fn requests_one_after_the_other_are_counted() {
        let one = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
        let sized = "POST / HTTP/1.1\r\nContent-Length: 20\r\n\r\ncontent-length: 1\r\n\r";
        let chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n5;x=y\r\nGET\r\n\r\nA\r\n0123456789\r\n0\r\na: b\r\n\r\n";
        assert_eq!(read(&format!("\r\n{one}{sized}{chunked}{one}")), (Ok(()), 4, false));
        assert_eq!(read(&format!("{chunked}GET")), (Ok(()), 1, true));
        assert_eq!(read(&format!("{one}\r\n")), (Ok(()), 1, false));
        let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        assert_eq!(read(preface), (Ok(()), 0, true), "its first frame has to follow");
        assert_eq!(read(&format!("{preface}{}", "\n".repeat(9))), (Ok(()), 0, false));
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_a_fault() {
        for (lines, smell) in [
            ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", Smell::Length),
            ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", Smell::Length),
            ("Content-Length: 5\r\ncontent-length: 5\r\n", Smell::Length),
            ("Content-Length: 5, 5\r\n", Smell::Length),
            ("Content-Length: +5\r\n", Smell::Length),
            ("Content-Length:\r\n", Smell::Length),
            ("Content-Length: 99999999999999999999\r\n", Smell::Length),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", Smell::Coding),
            ("Transfer-Encoding: gzip, chunked\r\n", Smell::Coding),
            ("Transfer-Encoding: identity\r\n", Smell::Coding),
            ("Transfer-Encoding : chunked\r\nContent-Length : 5\r\n", Smell::Length),
            ("a: b\r\n c\r\n", Smell::Fold),
            ("a: b\n", Smell::LineEnd),
            ("a: b\rc: d\r\n", Smell::LineEnd),
        ] {
            let found = read(&format!("POST / HTTP/1.1\r\n{lines}\r\n"));
            assert_eq!(found.0, Err(Fault::Head(smell)), "{lines:?}");
        }
        for body in [
            "x\r\n",
            "5\nhello",
            "5\r\nhellox\r\n",
            "5 x\r\n",
            "-1\r\n",
            "11111111111111111\r\n",
            "\r\n",
            "0\r\na\n",
        ] {
            let found = read(&format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{body}"));
            assert_eq!(found.0, Err(Fault::Body), "{body:?}");
        }
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_the_stream_is_cut(
            parts in proptest::collection::vec(prop_oneof![
                Just("GET / HTTP/1.1\r\n".to_owned()), Just("content-length: 7\r\n".to_owned()),
                Just("transfer-encoding: chunked\r\n".to_owned()), Just("\r\n".to_owned()), Just("a: b\r\n".to_owned()),
                Just("0\r\n".to_owned()), "[0-9a-f]{1,3}\r\n", "\\PC{0,9}",
            ], 0..20),
            cut in 1_usize..9,
        ) {
            let text = parts.concat();
            let mut pieces = Reading::default();
            let in_pieces = text.as_bytes().chunks(cut).try_for_each(|piece| pieces.read(piece));
            prop_assert_eq!(read(&text), (in_pieces, pieces.heads(), pieces.within_head()));
        }
    }
}
