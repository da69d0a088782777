use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn a_record_is_what_csv_makes_of_it(
        fields in prop::collection::vec("[a,\" \r\n;=é]{0,6}", 1..5),
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&fields).unwrap();
        let mut line = writer.into_inner().unwrap();
        line.pop();
        let cells = Cells::encode(fields.iter().map(String::as_bytes));
        prop_assert_eq!(cells.as_bytes(), line);
    }
}

#[test]
fn fields_survive_encoding() {
    let fields: [&[u8]; 6] = [
        b"a",
        b"",
        b"semi;colon",
        b"quo\"te, comma",
        b"line\r\nend",
        b"caf\xe9",
    ];
    let cells = Cells::encode(fields);
    assert_eq!(cells.fields(), fields);
    assert_eq!(Cells::encode([b"".as_slice()]).fields(), [b""]);
}
