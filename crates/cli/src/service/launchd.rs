//! An agent of launchd (launchd.plist(5)).

use super::{MARK, definition::Definition};

/// The agent's name.
pub(super) const LABEL: &str = "mcp-guard";

/// The agent's property list.
pub(super) fn plist(service: &Definition) -> String {
    let words: String = service.start().iter().map(|word| format!("    {}\n", string(word))).collect();
    let variables: String = service
        .environment
        .iter()
        .map(|(name, value)| format!("    <key>{name}</key>{}\n", string(value)))
        .collect();
    let log = string(&service.log);
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- {MARK} -->
<plist version="1.0">
<dict>
  <key>Label</key><string>{LABEL}</string>
  <key>ProgramArguments</key>
  <array>
{words}  </array>
  <key>EnvironmentVariables</key>
  <dict>
{variables}  </dict>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key><false/>
  </dict>
  <key>ExitTimeOut</key><integer>{stop}</integer>
  <key>SoftResourceLimits</key>
  <dict>
    <key>Core</key><integer>0</integer>
    <key>NumberOfFiles</key><integer>4096</integer>
  </dict>
  <key>StandardOutPath</key>{log}
  <key>StandardErrorPath</key>{log}
</dict>
</plist>
"#,
        stop = service.stop.as_secs(),
    )
}

/// XML 1.0 §2.4.
fn string(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<string>{text}</string>")
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, process::Command, time::Duration};

    use super::*;

    fn agent() -> String {
        plist(&Definition {
            program: "/a b/R&D <1> 100%/mcp-guard".to_owned(),
            config: Some("/x \"y\" 'z'.yaml".to_owned()),
            environment: BTreeMap::from([("PATH", "/usr/bin:/R&D".to_owned())]),
            stop: Duration::from_secs(45),
            log: "/home/a b/daemon.log".to_owned(),
        })
    }

    #[test]
    fn words_stand_for_themselves() {
        let text = agent();
        for line in [
            "    <string>/a b/R&amp;D &lt;1&gt; 100%/mcp-guard</string>\n    <string>start</string>\n    \
             <string>--config</string>\n    <string>/x \"y\" 'z'.yaml</string>\n",
            "    <key>PATH</key><string>/usr/bin:/R&amp;D</string>\n",
            "  <key>ExitTimeOut</key><integer>45</integer>\n",
            "  <key>StandardErrorPath</key><string>/home/a b/daemon.log</string>\n",
            "  <key>KeepAlive</key>\n  <dict>\n    <key>SuccessfulExit</key><false/>\n  </dict>\n",
            MARK,
        ] {
            assert!(text.contains(line), "{line} is missing in:\n{text}");
        }
    }

    /// Says so where there is no Python to read it with.
    #[test]
    fn a_reader_of_property_lists_reads_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mcp-guard.plist");
        fs::write(&file, agent()).unwrap();
        let script = "import plistlib,json,sys; print(json.dumps(plistlib.load(open(sys.argv[1],'rb'))))";
        let Ok(output) = Command::new("python3").args(["-c", script]).arg(&file).output() else {
            println!("not read: there is no python3");
            return;
        };
        let read: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(read["ProgramArguments"][0], "/a b/R&D <1> 100%/mcp-guard");
        assert_eq!(read["ProgramArguments"][3], "/x \"y\" 'z'.yaml");
        assert_eq!(read["EnvironmentVariables"]["PATH"], "/usr/bin:/R&D");
        assert_eq!(read["KeepAlive"]["SuccessfulExit"], false);
    }
}
