//! Identifiers of Asia and the Pacific.

use super::Table;
use super::dates::{is_birthday, is_day, is_short};
use super::sums::{luhn, mod_11_2, verhoeff, weighted};
use super::value::{base36, characters, digit, digits, number, plain, uniform};

pub(super) static TABLE: Table = &[
    ("ae_emirates_id", ae_emirates_id),
    ("au_abn", au_abn),
    ("au_acn", au_acn),
    ("au_medicare", au_medicare),
    ("au_tfn", au_tfn),
    ("cn_resident_id", cn_resident_id),
    ("hk_id", hk_id),
    ("id_nik", id_nik),
    ("il_id", il_id),
    ("in_aadhaar", in_aadhaar),
    ("in_gstin", in_gstin),
    ("in_pan", in_pan),
    ("in_vehicle", in_vehicle),
    ("ir_national_code", ir_national_code),
    ("jp_corporate_number", jp_corporate_number),
    ("jp_my_number", jp_my_number),
    ("kr_brn", kr_brn),
    ("kr_rrn", kr_rrn),
    ("kr_rrn_checked", kr_rrn_checked),
    ("my_nric", my_nric),
    ("nz_ird", nz_ird),
    ("ph_mobile", ph_mobile),
    ("sa_id", sa_id),
    ("sg_nric", sg_nric),
    ("sg_uen", sg_uen),
    ("th_national_id", th_national_id),
    ("tr_national_id", tr_national_id),
    ("tr_plate", tr_plate),
    ("tw_id", tw_id),
];

/// Federal Authority for Identity: 784, the year of birth, Luhn.
fn ae_emirates_id(value: &[u8]) -> bool {
    digits::<15>(value).is_some_and(|digits| digits.starts_with(&[7, 8, 4]) && luhn(&digits))
}

/// Australian Business Register: one taken from the first digit, weights 10, 1, 3, 5 to 19, by 89.
fn au_abn(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|mut digits| {
        let [first, ..] = &mut digits;
        let Some(less) = first.checked_sub(1) else { return false };
        *first = less;
        weighted(&digits, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]).is_multiple_of(89)
    })
}

/// ASIC: weights 8 to 1, by 10, taken from ten.
fn au_acn(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|digits| {
        let [.., check] = digits;
        (10 - weighted(&digits, &[8, 7, 6, 5, 4, 3, 2, 1]) % 10) % 10 == check && number(&digits) > 0
    })
}

/// Services Australia: 2 to 6 first, weights 1, 3, 7, 9, by 10, then the number of the card and of the person.
fn au_medicare(value: &[u8]) -> bool {
    let all: Option<Vec<u32>> = characters(value).map(digit).collect();
    all.is_some_and(|all| match all.as_slice() {
        [first @ 2..=6, .., check, issue] if all.len() == 10 => {
            *first > 0 && *issue > 0 && weighted(&all, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == *check
        }
        _ => false,
    })
}

/// Australian Taxation Office: weights 1, 4, 3, 7, 5, 8, 6, 9, 10, by 11.
fn au_tfn(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|digits| {
        !uniform(&digits) && weighted(&digits, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11)
    })
}

/// GB 11643-1999: region, birthday, order; ISO/IEC 7064 MOD 11-2 with X for 10.
fn cn_resident_id(value: &[u8]) -> bool {
    let Some(plain) = plain::<18>(value) else { return false };
    let [body @ .., check] = plain;
    let Some(body) = digits::<17>(&body) else { return false };
    let check = if check == b'X' { Some(10) } else { digit(check) };
    let [a, b, _, _, _, _, y, z, c, d, m, n, e, f, ..] = body;
    let region = number(&[a, b]);
    matches!(region, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83 | 91)
        && is_birthday(number(&[y, z, c, d]), number(&[m, n]), number(&[e, f]))
        && check.is_some_and(|check| mod_11_2(body.into_iter().chain([check])) == 1)
}

/// Immigration Department: one or two letters (10 to 35, a blank is 36), weights 9 to 2, by 11, 10 as A.
fn hk_id(value: &[u8]) -> bool {
    let plain: Vec<u8> = characters(value).collect();
    let values: Option<Vec<u32>> = plain.iter().map(|byte| base36(*byte)).collect();
    values.is_some_and(|values| {
        let Some((check, body)) = values.split_last() else { return false };
        let sum = match body.len() {
            7 => 36 * 9 + weighted(body, &[8, 7, 6, 5, 4, 3, 2]),
            8 => weighted(body, &[9, 8, 7, 6, 5, 4, 3, 2]),
            _ => return false,
        };
        *check <= 10 && (sum + check).is_multiple_of(11)
    })
}

/// Dukcapil: six digits of the region, a birthday (40 added to women's days), an order.
fn id_nik(value: &[u8]) -> bool {
    digits::<16>(value).is_some_and(|digits| {
        let [a, b, _, _, _, _, d, e, m, n, ..] = digits;
        let day = number(&[d, e]);
        matches!(number(&[a, b]), 11..=21 | 31..=36 | 51..=53 | 61..=65 | 71..=76 | 81 | 82 | 91..=97)
            && is_day(number(&[m, n]), if day > 40 { day - 40 } else { day })
            && !number(&digits).is_multiple_of(10_000)
    })
}

/// Population and Immigration Authority: Luhn over nine digits.
fn il_id(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|digits| luhn(&digits) && !uniform(&digits))
}

/// UIDAI: twelve digits, neither 0 nor 1 first, no palindrome, Verhoeff.
fn in_aadhaar(value: &[u8]) -> bool {
    digits::<12>(value).is_some_and(|digits| {
        let [first, ..] = digits;
        first > 1 && !digits.iter().eq(digits.iter().rev()) && verhoeff(&digits)
    })
}

/// GST Rules: a state's code, a PAN, the order, Z, and a check character, which is not asked for: examples lack it.
fn in_gstin(value: &[u8]) -> bool {
    plain::<15>(value).is_some_and(|plain| {
        let [a, b, ..] = plain;
        matches!(digits::<2>(&[a, b]).map(|state| number(&state)), Some(1..=38 | 97 | 99))
    })
}

/// Income Tax Department: the fourth letter is the holder's kind.
fn in_pan(value: &[u8]) -> bool {
    plain::<10>(value).is_some_and(|[_, _, _, kind, ..]| b"ABCFGHJLPT".contains(&kind))
}

/// Central Motor Vehicles Rules: a state's or territory's two letters, the office, a series and a number.
fn in_vehicle(value: &[u8]) -> bool {
    const STATES: &str = "AN AP AR AS BH BR CG CH DD DL DN GA GJ HP HR JH JK KA KL LA LD MH ML MN MP MZ NL OD OR PB PY RJ SK \
                          TN TR TS TG UA UK UP WB";
    let plain: Vec<u8> = characters(value).collect();
    let state = plain.get(..2).unwrap_or_default();
    let number = plain.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    number == 4
        && !plain.ends_with(b"0000")
        && STATES.split_whitespace().any(|known| known.as_bytes() == state)
}

/// Civil registration of Iran: places as weights, by 11.
fn ir_national_code(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        let [.., check] = digits;
        let rest = weighted(&digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        !uniform(&digits) && check == if rest < 2 { rest } else { 11 - rest }
    })
}

/// National Tax Agency: the check digit first, weights 1 and 2 in turn from the right, by 9.
fn jp_corporate_number(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|[check, body @ ..]| {
        check > 0 && 9 - weighted(&body, &[2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]) % 9 == check
    })
}

/// Ordinance 85 of 2014 of the Ministry of Internal Affairs: weights 6 to 2 and 7 to 2, by 11.
fn jp_my_number(value: &[u8]) -> bool {
    digits::<12>(value).is_some_and(|digits| {
        let [.., check] = digits;
        let rest = weighted(&digits, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
        !uniform(&digits) && check == if rest < 2 { 0 } else { 11 - rest }
    })
}

/// National Tax Service of Korea: weights 1, 3, 7, 1, 3, 7, 1, 3, 5, where the last product counts its tens once more.
fn kr_brn(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        let [.., ninth, check] = digits;
        let sum = weighted(&digits, &[1, 3, 7, 1, 3, 7, 1, 3, 5]) + ninth * 5 / 10;
        (10 - sum % 10) % 10 == check && !uniform(&digits)
    })
}

/// A birthday and a digit for sex, century and, from 5 to 8, foreigners. Since October 2020 the rest is at random.
fn kr_rrn(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|digits| {
        let [y, z, m, n, d, e, sex, ..] = digits;
        let century = match sex {
            1 | 2 | 5 | 6 => 1900,
            3 | 4 | 7 | 8 => 2000,
            _ => 1800,
        };
        is_birthday(century + number(&[y, z]), number(&[m, n]), number(&[d, e]))
    })
}

/// The same with the check digit of before: weights 2 to 9 and 2 to 5, by 11; foreigners' is two more.
fn kr_rrn_checked(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|digits| {
        let [_, _, _, _, _, _, sex, .., check] = digits;
        let sum = 11 - weighted(&digits, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11;
        (if sex > 4 { (sum + 2) % 10 } else { sum % 10 }) == check && kr_rrn(value)
    })
}

/// National Registration Department of Malaysia: a birthday and the place of birth.
fn my_nric(value: &[u8]) -> bool {
    digits::<12>(value).is_some_and(|digits| {
        let place = digits.get(6..8).map_or(0, number);
        is_short(&digits)
            && matches!(place, 1..=16 | 21..=59 | 60..=68 | 71 | 72 | 74..=79 | 82..=93 | 98 | 99)
    })
}

/// Inland Revenue: weights 3, 2, 7, 6, 5, 4, 3, 2, by 11, and others where that leaves 10.
fn nz_ird(value: &[u8]) -> bool {
    let all: Option<Vec<u32>> = characters(value).map(digit).collect();
    let Some(mut all) = all.filter(|all| matches!(all.len(), 8 | 9)) else { return false };
    if all.len() == 8 {
        all.insert(0, 0);
    }
    let check = |weights: &[u32]| (11 - weighted(&all, weights) % 11) % 11;
    let first = check(&[3, 2, 7, 6, 5, 4, 3, 2]);
    let second = check(&[7, 4, 3, 2, 5, 2, 7, 6]);
    (10_000_000..150_000_000).contains(&number(&all))
        && all.last() == Some(if first == 10 { &second } else { &first })
}

/// National Telecommunications Commission of the Philippines: mobile numbers begin with 09.
fn ph_mobile(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| digits.starts_with(&[0, 9]))
}

/// Ministry of Interior of Saudi Arabia: 1 for citizens, 2 for residents, Luhn.
fn sa_id(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| matches!(digits, [1 | 2, ..]) && luhn(&digits))
}

/// Immigration & Checkpoints Authority: weights 2, 7, 6, 5, 4, 3, 2, four more since 2000 and three since 2022, by 11 as a letter.
fn sg_nric(value: &[u8]) -> bool {
    plain::<9>(value).is_some_and(|[kind, body @ .., check]| {
        let Some(body) = digits::<7>(&body) else { return false };
        let (letters, more): (&[u8; 11], u32) = match kind {
            b'S' => (b"JZIHGFEDCBA", 0),
            b'T' => (b"JZIHGFEDCBA", 4),
            b'F' => (b"XWUTRQPNMLK", 0),
            b'G' => (b"XWUTRQPNMLK", 4),
            b'M' => (b"KLJNPQRTUWX", 3),
            _ => return false,
        };
        let rest = usize::try_from((weighted(&body, &[2, 7, 6, 5, 4, 3, 2]) + more) % 11).unwrap_or(0);
        letters.get(if kind == b'M' { 10 - rest } else { rest }) == Some(&check)
    })
}

/// ACRA: businesses (eight digits), companies (a year and five digits) and others, each by 11 as a letter.
fn sg_uen(value: &[u8]) -> bool {
    let plain: Vec<u8> = characters(value).collect();
    let Some((check, body)) = plain.split_last() else { return false };
    let digits: Option<Vec<u32>> = body.iter().map(|byte| digit(*byte)).collect();
    let (letters, rest): (&[u8], u32) = match (body, digits) {
        (_, Some(digits)) if digits.len() == 8 => {
            (b"XMKECAWLJDB", weighted(&digits, &[10, 4, 9, 3, 8, 2, 7, 1]) % 11)
        }
        (_, Some(digits)) if digits.len() == 9 && (1800..2100).contains(&(number(&digits) / 100_000)) => {
            (b"ZKCMDNERGWH", weighted(&digits, &[10, 8, 6, 4, 9, 7, 5, 3, 1]) % 11)
        }
        ([b'R' | b'S' | b'T', ..], None) if body.len() == 9 => {
            const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWX0123456789";
            let order = |byte: &u8| {
                ALPHABET.iter().position(|known| known == byte).and_then(|at| u32::try_from(at).ok())
            };
            let values: Option<Vec<u32>> = body.iter().map(order).collect();
            let Some(values) = values else { return false };
            let rest = weighted(&values, &[4, 3, 5, 3, 10, 2, 2, 5, 7]) + 11 - 5;
            return ALPHABET.get(usize::try_from(rest % 11).unwrap_or(0)) == Some(check);
        }
        _ => return false,
    };
    letters.get(usize::try_from(rest).unwrap_or(0)) == Some(check)
}

/// Department of Provincial Administration: a kind, a province, weights 13 to 2, by 11.
fn th_national_id(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|digits| {
        let [kind, a, b, .., check] = digits;
        let sum = weighted(&digits, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
        (1..=8).contains(&kind)
            && matches!(number(&[a, b]), 10..=27 | 30..=58 | 60..=67 | 70..=77 | 80..=86 | 90..=96)
            && (11 - sum % 11) % 10 == check
    })
}

/// Law 5490: seven times the odd places less the even ones, by 10; then the sum of all ten, by 10.
fn tr_national_id(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        let [first, .., tenth, eleventh] = digits;
        let odd = weighted(&digits, &[1, 0, 1, 0, 1, 0, 1, 0, 1]);
        let even = weighted(&digits, &[0, 1, 0, 1, 0, 1, 0, 1]);
        let sum: u32 = digits.iter().take(10).sum();
        first > 0 && (odd * 7 + 100 - even) % 10 == tenth && sum % 10 == eleventh && eleventh % 2 == 0
    })
}

/// A province of 01 to 81, one to three letters, and two to five digits: the fewer letters, the more digits.
fn tr_plate(value: &[u8]) -> bool {
    let plain: Vec<u8> = characters(value).collect();
    let letters = plain.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let province = plain.get(..2).and_then(digits::<2>).map_or(0, |digits| number(&digits));
    let tail = plain.len().saturating_sub(2 + letters);
    (1..=81).contains(&province) && matches!((letters, tail), (1, 4 | 5) | (2, 3 | 4) | (3, 2..=4))
}

/// Household Registration Act of Taiwan: the letter as two digits of its county, weights 1, 9 to 1, 1, by 10.
fn tw_id(value: &[u8]) -> bool {
    const COUNTIES: &[u8; 26] = b"ABCDEFGHJKLMNPQRSTUVXYWZIO";
    plain::<10>(value).is_some_and(|[letter, rest @ ..]| {
        let county =
            COUNTIES.iter().position(|known| *known == letter).and_then(|at| u32::try_from(at + 10).ok());
        let Some((county, rest)) = county.zip(digits::<9>(&rest)) else { return false };
        let all = [&[county / 10, county % 10], rest.as_slice()].concat();
        matches!(rest, [1 | 2 | 8 | 9, ..])
            && weighted(&all, &[1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1]).is_multiple_of(10)
    })
}
