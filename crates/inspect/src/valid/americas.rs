//! Identifiers of the Americas.

use super::Table;
use super::dates::is_short;
use super::sums::{luhn, weighted};
use super::value::{base36, characters, digit, digits, plain, uniform};

pub(super) static TABLE: Table = &[
    ("ar_cuit", ar_cuit),
    ("br_cnpj", br_cnpj),
    ("br_cpf", br_cpf),
    ("br_pis", br_pis),
    ("ca_sin", ca_sin),
    ("cl_rut", cl_rut),
    ("co_nit", co_nit),
    ("do_cedula", do_cedula),
    ("ec_cedula", ec_cedula),
    ("mx_clabe", mx_clabe),
    ("mx_curp", mx_curp),
    ("mx_rfc", mx_rfc),
    ("pe_ruc", pe_ruc),
    ("us_aba_routing", us_aba_routing),
    ("us_dea", us_dea),
    ("us_itin", us_itin),
    ("us_mbi", us_mbi),
    ("us_npi", us_npi),
    ("ve_rif", ve_rif),
];

const CUIT: [u32; 10] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

/// AFIP: a kind, eight digits, weights 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, by 11.
fn ar_cuit(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        let [a, b, .., check] = digits;
        matches!(a * 10 + b, 20 | 23 | 24 | 25 | 26 | 27 | 30 | 33 | 34)
            && (11 - weighted(&digits, &CUIT) % 11) % 11 == check
    })
}

/// A Brazilian check digit: the sum by 11, taken from 11; 0 where that has two digits.
fn brazilian(digits: &[u32], weights: &[u32]) -> u32 {
    match weighted(digits, weights) % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    }
}

/// Instrução Normativa RFB 2119/2022, and 2229/2024 for letters, which count as their ASCII code less 48.
fn br_cnpj(value: &[u8]) -> bool {
    const WEIGHTS: [u32; 13] = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
    let Some(plain) = plain::<14>(value) else { return false };
    let values = plain.map(|byte| u32::from(byte - b'0'));
    let [.., one, other] = values;
    let body = values.get(..12).unwrap_or_default();
    !uniform(&values)
        && brazilian(body, WEIGHTS.get(1..).unwrap_or_default()) == one
        && brazilian(values.get(..13).unwrap_or_default(), &WEIGHTS) == other
}

/// Instrução Normativa RFB 1548/2015: two check digits, weights 10 to 2 and 11 to 2, by 11.
fn br_cpf(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        let [.., one, other] = digits;
        !uniform(&digits)
            && brazilian(&digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) == one
            && brazilian(&digits, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) == other
    })
}

/// Caixa, NIS/PIS/PASEP: weights 3, 2, 9 to 2, by 11.
fn br_pis(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        let [.., check] = digits;
        !uniform(&digits) && brazilian(&digits, &[3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) == check
    })
}

/// Employment and Social Development Canada: Luhn; none begins with 0 or 8.
fn ca_sin(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|digits| {
        let [first, ..] = digits;
        !matches!(first, 0 | 8) && luhn(&digits) && !uniform(&digits)
    })
}

/// Registro Civil: weights 2 to 7 from the right and again, by 11; 10 is written K.
fn cl_rut(value: &[u8]) -> bool {
    let plain: Vec<u8> = characters(value).collect();
    let Some((check, body)) = plain.split_last() else { return false };
    let body: Option<Vec<u32>> = body.iter().rev().map(|byte| digit(*byte)).collect();
    body.is_some_and(|body| {
        let right = match 11 - weighted(&body, &[2, 3, 4, 5, 6, 7, 2, 3, 4]) % 11 {
            11 => b'0',
            10 => b'K',
            rest => b'0' + u8::try_from(rest).unwrap_or(0),
        };
        *check == right && !uniform(&body)
    })
}

/// DIAN, Orden Administrativa 4 of 1989: weights 3, 7, 13, 17, 19, 23, 29, 37, 41 from the right, by 11.
fn co_nit(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        let [.., check] = digits;
        let rest = weighted(&digits, &[41, 37, 29, 23, 19, 17, 13, 7, 3]) % 11;
        !uniform(&digits) && check == if rest < 2 { rest } else { 11 - rest }
    })
}

/// Junta Central Electoral: Luhn over eleven digits.
fn do_cedula(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| luhn(&digits) && !uniform(&digits))
}

/// Registro Civil of Ecuador: a province, a third digit below six, Luhn.
fn ec_cedula(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        let [a, b, third, ..] = digits;
        matches!(a * 10 + b, 1..=24 | 30) && third < 6 && luhn(&digits)
    })
}

/// Asociación de Bancos de México: weights 3, 7, 1, each product by 10.
fn mx_clabe(value: &[u8]) -> bool {
    digits::<18>(value).is_some_and(|digits| {
        let [.., check] = digits;
        let products = digits.iter().take(17).zip([3, 7, 1].into_iter().cycle());
        let sum: u32 = products.map(|(digit, weight)| digit * weight % 10).sum();
        (10 - sum % 10) % 10 == check && !uniform(&digits)
    })
}

/// RENAPO, Instructivo Normativo of 2021: initials, birthday, sex, state, consonants, and a check digit by weights 18 to 2, for
/// which Ñ stands between N and O.
fn mx_curp(value: &[u8]) -> bool {
    const STATES: &str =
        "AS BC BS CC CL CM CS CH DF DG GT GR HG JC MC MN MS NT NL OC PL QT QR SP SL SR TC TS TL VZ YN ZS NE";
    let Some(plain) = plain::<18>(value) else { return false };
    let order = |byte: &u8| base36(*byte).map(|value| value + u32::from(*byte > b'N'));
    let values: Option<Vec<u32>> = plain.iter().map(order).collect();
    let weights: Vec<u32> = (2..=18).rev().collect();
    let date = plain.get(4..10).and_then(digits::<6>);
    let [.., check] = plain;
    let state = plain.get(11..13).unwrap_or_default();
    STATES.split(' ').any(|known| known.as_bytes() == state)
        && plain.get(10).is_some_and(|sex| b"HMX".contains(sex))
        && date.is_some_and(|date| is_short(&date))
        && values.is_some_and(|values| digit(check) == Some((10 - weighted(&values, &weights) % 10) % 10))
}

/// SAT, Anexo of the Resolución Miscelánea: three letters of a company or four of a person, a date, two characters, and a check
/// character by weights 13 to 2, by 11.
fn mx_rfc(value: &[u8]) -> bool {
    let plain: Vec<u8> = characters(value).collect();
    let Some((check, body)) = plain.split_last() else { return false };
    let order = |byte: &u8| base36(*byte).map(|value| value + u32::from(*byte > b'N'));
    let values: Option<Vec<u32>> = body.iter().map(order).collect();
    let letters = body.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let date = body.get(letters..letters + 6).and_then(digits::<6>);
    // A blank stands before companies' names: 37 of the table, though `&` and the blank share what is left of it.
    let lead = if letters == 3 { 37 * 13 } else { 0 };
    let weights: Vec<u32> = (2..=if letters == 3 { 12 } else { 13 }).rev().collect();
    let right = values.map(|values| match 11 - (weighted(&values, &weights) + lead) % 11 {
        11 => b'0',
        10 => b'A',
        rest => b'0' + u8::try_from(rest).unwrap_or(0),
    });
    matches!(letters, 3 | 4) && date.is_some_and(|date| is_short(&date)) && right == Some(*check)
}

/// SUNAT: a kind, weights 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, by 11.
fn pe_ruc(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        let [a, b, .., check] = digits;
        matches!(a * 10 + b, 10 | 15 | 16 | 17 | 20) && (11 - weighted(&digits, &CUIT) % 11) % 10 == check
    })
}

/// American Bankers Association: a Federal Reserve district, weights 3, 7, 1, by 10.
fn us_aba_routing(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|digits| {
        let [a, b, ..] = digits;
        matches!(a * 10 + b, 1..=12 | 21..=32 | 61..=72 | 80)
            && weighted(&digits, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
    })
}

/// DEA registrations of prescribers: a kind, an initial, and the sum of the odd places and twice the even ones, by 10.
fn us_dea(value: &[u8]) -> bool {
    plain::<9>(value).is_some_and(|[kind, _, rest @ ..]| {
        digits::<7>(&rest).is_some_and(|digits| {
            let [.., check] = digits;
            b"ABCDEFGHJKLMPRSTUX".contains(&kind)
                && weighted(&digits, &[1, 2, 1, 2, 1, 2]) % 10 == check
                && !uniform(&digits)
        })
    })
}

/// IRS: 9, and groups of 50 to 65, 70 to 88, 90 to 92 and 94 to 99.
fn us_itin(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|digits| {
        let [first, _, _, g, h, ..] = digits;
        first == 9 && matches!(g * 10 + h, 50..=65 | 70..=88 | 90..=92 | 94..=99)
    })
}

/// CMS, Understanding the Medicare Beneficiary Identifier: letters but S, L, O, I, B and Z in fixed places.
fn us_mbi(value: &[u8]) -> bool {
    plain::<11>(value).is_some_and(|plain| {
        let [first, ..] = plain;
        first != b'0' && !plain.iter().any(|byte| b"SLOIBZ".contains(byte))
    })
}

/// 45 CFR 162.406: Luhn with 80840 put before; 1 or 2 comes first.
fn us_npi(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        let [first, rest @ ..] = digits;
        matches!(first, 1 | 2) && luhn(&[&[8, 0, 8, 4, 0], digits.as_slice()].concat()) && !uniform(&rest)
    })
}

/// SENIAT: the kind counts 4 for each place in V, E, J, P, G; weights 3, 2, 7, 6, 5, 4, 3, 2, by 11.
fn ve_rif(value: &[u8]) -> bool {
    plain::<10>(value).is_some_and(|[kind, rest @ ..]| {
        let kind = [(b'V', 4), (b'E', 8), (b'J', 12), (b'P', 16), (b'G', 20)]
            .into_iter()
            .find(|(known, _)| *known == kind);
        digits::<9>(&rest).zip(kind).is_some_and(|(digits, (_, kind))| {
            let [.., check] = digits;
            let rest = (weighted(&digits, &[3, 2, 7, 6, 5, 4, 3, 2]) + kind) % 11;
            check == if rest < 2 { 0 } else { 11 - rest }
        })
    })
}
