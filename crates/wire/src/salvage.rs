use crate::Id;

/// Picks the id out of a line that was refused, so that whoever waits for it is told. Fed in pieces, keeps
/// next to nothing, believes little: it looks only at brackets, quotes and the names at the top.
#[derive(Debug, Default)]
pub struct Salvage {
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// Raw text of the member being read at depth 1, while it is short.
    token: Vec<u8>,
    name: Option<Vec<u8>>,
    ids: usize,
    id: Option<Id>,
    calls: bool,
    answers: bool,
}

/// What could be told of a refused message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Salvaged {
    /// Its id, if exactly one was found and it is legal.
    pub id: Option<Id>,
    /// It names a method: a request or notification.
    pub calls: bool,
    /// It has a result or an error: a response.
    pub answers: bool,
}

/// Ids longer than this are not worth remembering.
const MAX_TOKEN: usize = 256;

impl Salvage {
    /// What can be told of a whole refused line.
    pub fn line(bytes: &[u8]) -> Salvaged {
        let mut salvage = Self::default();
        salvage.feed(bytes);
        salvage.finish()
    }

    /// The next piece of the line.
    pub fn feed(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.step(byte);
        }
    }

    /// The end of the line.
    pub fn finish(self) -> Salvaged {
        // A line cut short inside its id would give us another request's: only a member that ended counts.
        Salvaged { id: self.id.filter(|_| self.ids == 1), calls: self.calls, answers: self.answers }
    }

    fn step(&mut self, byte: u8) {
        if self.in_string {
            self.keep(byte);
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => {
                self.in_string = true;
                self.keep(byte);
            }
            b'{' | b'[' => {
                self.depth += 1;
                self.token.clear();
            }
            b'}' | b']' => {
                if self.depth == 1 {
                    self.member_ends();
                }
                self.depth = self.depth.saturating_sub(1);
            }
            b':' if self.depth == 1 => self.name_ends(),
            b',' if self.depth == 1 => self.member_ends(),
            b' ' | b'\t' | b'\r' => {}
            _ => self.keep(byte),
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.depth == 1 && self.token.len() < MAX_TOKEN {
            self.token.push(byte);
        }
    }

    fn name_ends(&mut self) {
        let name = std::mem::take(&mut self.token);
        match name.as_slice() {
            br#""method""# => self.calls = true,
            br#""result""# | br#""error""# => self.answers = true,
            _ => {}
        }
        self.name = Some(name);
    }

    fn member_ends(&mut self) {
        let value = std::mem::take(&mut self.token);
        if self.name.take().as_deref() != Some(br#""id""#) {
            return;
        }
        self.ids += 1;
        let raw = std::str::from_utf8(&value)
            .ok()
            .filter(|raw| serde_json::from_str::<serde_json::Value>(raw).is_ok());
        self.id = raw.and_then(Id::from_raw);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_id_of_lines_no_parser_takes() {
        let id = |line: &str| Salvage::line(line.as_bytes()).id;
        assert_eq!(id(r#"{"jsonrpc":"2.0","id":7,"method":"x","params":{"id":8,"#), Some(Id::Number(7)));
        assert_eq!(id(r#"{"params":{"a":1,"a":2},"id":"q\"}","method":"x"}"#), Some(Id::Text("q\"}".into())));
        assert_eq!(id(r#"{"id":0}"#), Some(Id::Number(0)));
        assert_eq!(id(r#"{"id":1,"id":2}"#), None);
        assert_eq!(id(r#"{"id":{}}"#), None);
        assert_eq!(id(r#"[{"id":1}]"#), None);
        assert_eq!(id(r#"{"id":12"#), None);
        assert_eq!(id("garbage"), None);
    }

    #[test]
    fn tells_calls_from_answers() {
        let told = Salvage::line(br#"{"jsonrpc":"2.0","id":7,"result":{"method":"x","#);
        assert_eq!((told.calls, told.answers), (false, true));
        let told = Salvage::line(br#"{"id":7,"method":"x","params":{"result":1}"#);
        assert_eq!((told.calls, told.answers), (true, false));
    }
}
