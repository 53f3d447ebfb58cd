use super::{canonical_uri, fold, plain, uri_readings};

#[test]
fn names_that_look_alike_fold_alike() {
    for name in [
        "delete_file",
        "DELETE_FILE",
        "delete-file",
        "delete.file",
        "delete file",
        " delete_file ",
        "delete__file",
        "delete_\u{200b}file",
        "delete%5ffile",
        "delete%255Ffile",
        "ｄｅｌｅｔｅ＿ｆｉｌｅ",
        "delete\u{202e}_file",
        "delete_file\u{fe0f}",
        "delete_file\u{e0041}",
        "dele\u{0}te_file",
        "%64elete_file",
        "%EF%BD%84elete_file",
        "delete%c1%9ffile",
    ] {
        assert_eq!(fold(name), "delete_file", "{name:?}");
    }
}
