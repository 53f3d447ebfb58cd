//! Identifiers of Europe, but for those of Germany and the north.

use super::Table;
use super::dates::{begins_with_day, is_birthday, is_day, is_short};
use super::sums::{cross_sum, luhn, mod_11_10, weighted};
use super::value::{base36, characters, digit, digits, number, plain, uniform};

pub(super) static TABLE: Table = &[
    ("at_svnr", at_svnr),
    ("be_national_number", be_national_number),
    ("bg_egn", bg_egn),
    ("ch_ahv", ch_ahv),
    ("cz_birth_number", cz_birth_number),
    ("es_cif", es_cif),
    ("es_nif", es_nif),
    ("fr_nir", fr_nir),
    ("gr_afm", gr_afm),
    ("gr_amka", gr_amka),
    ("hr_oib", hr_oib),
    ("hu_taj", hu_taj),
    ("hu_tax_id", hu_tax_id),
    ("ie_pps", ie_pps),
    ("it_fiscal_code", it_fiscal_code),
    ("it_vat", it_vat),
    ("jmbg", jmbg),
    ("lu_id", lu_id),
    ("luhn", |value| luhn_of(value)),
    ("nl_bsn", nl_bsn),
    ("pl_id_card", pl_id_card),
    ("pl_nip", pl_nip),
    ("pl_pesel", pl_pesel),
    ("pl_regon", pl_regon),
    ("pt_nif", pt_nif),
    ("ro_cnp", ro_cnp),
    ("ru_inn", ru_inn),
    ("ru_snils", ru_snils),
    ("uk_driving_licence", uk_driving_licence),
    ("uk_nhs", uk_nhs),
    ("uk_nino", uk_nino),
    ("uk_postcode", uk_postcode),
    ("uk_utr", uk_utr),
    ("uk_vehicle", uk_vehicle),
];

/// Digits with Luhn's check digit, not all the same: SIREN and SIRET (INSEE), Israel's and others' numbers.
fn luhn_of(value: &[u8]) -> bool {
    let digits: Option<Vec<u32>> = characters(value).map(digit).collect();
    digits.is_some_and(|digits| luhn(&digits) && !uniform(&digits))
}

/// ASVG §30c: weights 3, 7, 9, 5, 8, 4, 2, 1, 6 around the check digit in the fourth place, then a birthday.
fn at_svnr(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        let [first, _, _, check, ..] = digits;
        first > 0
            && weighted(&digits, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 == check
            && digits.get(4..).is_some_and(begins_with_day)
    })
}

/// Arrêté royal of 3 April 1984: a birthday, three digits, and 97 less the remainder of all these by 97; a 2 stands
/// before them for who was born since 2000.
fn be_national_number(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        let (body, check) = digits.split_at(9);
        let right = |lead: u64| 97 - (lead * 1_000_000_000 + number(body)) % 97 == number(check);
        is_short(body) && (right(0) || right(2))
    })
}

/// Regulation 14/1999 of the Ministry of Regional Development: 20 or 40 are added to the month for other centuries.
fn bg_egn(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        let [_, _, m, n, d, e, .., check] = digits;
        let month = (m * 10 + n) % 20;
        m < 6
            && is_day(month.into(), (d * 10 + e).into())
            && weighted(&digits, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == check
    })
}

/// Central Compensation Office: the country's 756, and the check digit of EAN-13.
fn ch_ahv(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|digits| {
        digits.starts_with(&[7, 5, 6])
            && weighted(&digits, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10)
    })
}

/// Act 133/2000, also Slovakia's 301/1995: a birthday, 50 added to women's months, 20 where a day is full; the whole
/// is a multiple of eleven.
fn cz_birth_number(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        let [_, _, m, n, d, e, ..] = digits;
        let month = (m * 10 + n) % 50;
        let month = if month > 20 { month - 20 } else { month };
        is_day(month.into(), (d * 10 + e).into()) && number(&digits).is_multiple_of(11)
    })
}

/// Orden EHA/451/2008: the form of the organisation, seven digits and a control digit or letter.
fn es_cif(value: &[u8]) -> bool {
    let Some([kind, body @ .., control]) = plain::<9>(value) else { return false };
    let Some(body) = digits::<7>(&body) else { return false };
    let check = (10 - cross_sum(&body, &[2, 1, 2, 1, 2, 1, 2]) % 10) % 10;
    let letter = b"JABCDEFGHI".get(usize::try_from(check).unwrap_or(0));
    b"ABCDEFGHJNPQRSUVW".contains(&kind) && (digit(control) == Some(check) || letter == Some(&control))
}

/// Real Decreto 1553/2005: the remainder by 23 as a letter; X, Y and Z of foreigners count as 0, 1 and 2.
fn es_nif(value: &[u8]) -> bool {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let plain: Vec<u8> = characters(value).collect();
    let Some((letter, body)) = plain.split_last() else { return false };
    let of = |byte: &u8| match byte {
        b'X'..=b'Z' => Some(u32::from(byte - b'X')),
        byte => digit(*byte),
    };
    let body: Option<Vec<u32>> = body.iter().map(of).collect();
    body.is_some_and(|body| {
        let rest = usize::try_from(number(&body) % 23).unwrap_or(0);
        LETTERS.get(rest) == Some(letter) && number(&body) > 0
    })
}

/// INSEE: sex, year, month, department (2A and 2B count as 19 and 18), commune, order, and 97 less the remainder by 97.
fn fr_nir(value: &[u8]) -> bool {
    let Some(mut plain) = plain::<15>(value) else { return false };
    let [sex, _, _, m, n, dep, corsica, ..] = &mut plain;
    let month = [*m, *n];
    if *dep == b'2' && matches!(corsica, b'A' | b'B') {
        *corsica = if *corsica == b'A' { b'9' } else { b'8' };
        *dep = b'1';
    }
    let plausible = matches!(sex, b'1'..=b'4' | b'7' | b'8')
        && matches!(&month, [b'0', b'1'..=b'9'] | [b'1', b'0'..=b'2'] | [b'2'..=b'4' | b'5'..=b'9', _]);
    plausible
        && digits::<15>(&plain).is_some_and(|digits| {
            let (body, check) = digits.split_at(13);
            97 - number(body) % 97 == number(check)
        })
}

/// Powers of two as weights, by 11, then by 10 (AADE).
fn gr_afm(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|digits| {
        let [.., check] = digits;
        !uniform(&digits) && weighted(&digits, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == check
    })
}

/// Law 3655/2008: a birthday and Luhn's check digit.
fn gr_amka(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| begins_with_day(&digits) && luhn(&digits))
}

/// NN 60/2008: ISO/IEC 7064 MOD 11,10; also tax ids of Germany and numbers of others.
fn hr_oib(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| mod_11_10(&digits))
}

/// Act XX of 1996: weights 3 and 7 in turn, by 10.
fn hu_taj(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|digits| {
        let [.., check] = digits;
        !uniform(&digits) && weighted(&digits, &[3, 7, 3, 7, 3, 7, 3, 7]) % 10 == check
    })
}

/// Act XX of 1996: 8, the days since 1867, and places as weights, by 11.
fn hu_tax_id(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        let [first, .., check] = digits;
        first == 8 && weighted(&digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 == check
    })
}

/// Department of Social Protection: weights 8 to 2, nine times the second letter if there is one, by 23 as a letter.
fn ie_pps(value: &[u8]) -> bool {
    let plain: Vec<u8> = characters(value).collect();
    let Some((body, letters)) = plain.split_at_checked(7) else { return false };
    let Some(body) = digits::<7>(body) else { return false };
    let (check, second) = match letters {
        [check] => (check, 0),
        [check, b'W'] => (check, 0),
        [check, second @ b'A'..=b'I'] => (check, u32::from(second - b'A') + 1),
        _ => return false,
    };
    let rest = (weighted(&body, &[8, 7, 6, 5, 4, 3, 2]) + second * 9) % 23;
    b"WABCDEFGHIJKLMNOPQRSTUV".get(usize::try_from(rest).unwrap_or(0)) == Some(check)
}

/// Decreto of 12 March 1974: characters in odd places count as in a table, the sum by 26 as a letter. Letters stand
/// for digits where two people would have the same code.
fn it_fiscal_code(value: &[u8]) -> bool {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let Some(plain) = plain::<16>(value) else { return false };
    let order = |byte: u8| base36(byte).map(|value| if value > 9 { value - 10 } else { value });
    let sum = plain.iter().take(15).enumerate().try_fold(0, |sum, (place, byte)| {
        let order = order(*byte)?;
        let odd = place % 2 == 0;
        Some(sum + if odd { *ODD.get(usize::try_from(order).ok()?)? } else { order })
    });
    let [_, _, _, _, _, _, _, _, month, .., check] = plain;
    let digits_where_due = [6, 7, 9, 10, 12, 13, 14]
        .into_iter()
        .all(|at| plain.get(at).is_some_and(|byte| byte.is_ascii_digit() || b"LMNPQRSTUV".contains(byte)));
    digits_where_due
        && b"ABCDEHLMPRST".contains(&month)
        && sum.is_some_and(|sum| sum % 26 + 10 == base36(check).unwrap_or(0))
}

/// DPR 633/1972: seven digits, the province, and Luhn's check digit.
fn it_vat(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        let province = digits.get(7..10).map_or(0, number);
        let (body, _) = digits.split_at(7);
        number(body) > 0 && matches!(province, 1..=100 | 120 | 121 | 888 | 999) && luhn(&digits)
    })
}

/// Yugoslavia's number, still in use in its successors: a birthday with three digits of the year, weights 7 to 2 twice.
fn jmbg(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|digits| {
        let [d, e, m, n, y, z, a, .., check] = digits;
        let year = number(&[y, z, a]);
        let year = if year < 800 { 2000 + year } else { 1000 + year };
        let sum = weighted(&digits, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
        is_birthday(year, (m * 10 + n).into(), (d * 10 + e).into()) && (11 - sum % 11) % 11 == check
    })
}

/// Law of 19 June 2013: a birthday, three digits, Luhn's check digit over these and then Verhoeff's.
fn lu_id(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|digits| {
        let (body, rest) = digits.split_at(11);
        let [y, z, a, b, m, n, d, e, ..] = digits;
        let with = |check: Option<&u32>| [body, check.map(std::slice::from_ref).unwrap_or_default()].concat();
        is_birthday(number(&[y, z, a, b]), (m * 10 + n).into(), (d * 10 + e).into())
            && luhn(&with(rest.first()))
            && super::sums::verhoeff(&with(rest.last()))
    })
}

/// The eleven test: weights 9 to 2, and the last digit taken away.
fn nl_bsn(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|digits| {
        let [.., check] = digits;
        let sum = weighted(&digits, &[9, 8, 7, 6, 5, 4, 3, 2]);
        sum > check && (sum - check).is_multiple_of(11) && !uniform(&digits)
    })
}

/// Regulation of 29 January 2015: letters are 10 to 35, weights 7, 3, 1, the check digit first.
fn pl_id_card(value: &[u8]) -> bool {
    plain::<9>(value).is_some_and(|plain| {
        let values: Option<Vec<u32>> = plain.iter().map(|byte| base36(*byte)).collect();
        values.is_some_and(|values| weighted(&values, &[7, 3, 1, 9, 7, 3, 1, 7, 3]).is_multiple_of(10))
    })
}

/// Act of 13 October 1995: weights 6, 5, 7, 2, 3, 4, 5, 6, 7, by 11.
fn pl_nip(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        let [.., check] = digits;
        !uniform(&digits) && weighted(&digits, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == check
    })
}

/// Act of 24 September 2010: 20 to 80 added to the month for other centuries; weights 1, 3, 7, 9, by 10.
fn pl_pesel(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        let [_, _, m, n, d, e, ..] = digits;
        is_day(((m * 10 + n) % 20).into(), (d * 10 + e).into())
            && weighted(&digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).is_multiple_of(10)
    })
}

/// Regulation of 27 July 1999: weights 8, 9, 2, 3, 4, 5, 6, 7, by 11 and 10.
fn pl_regon(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|digits| {
        let [.., check] = digits;
        !uniform(&digits) && weighted(&digits, &[8, 9, 2, 3, 4, 5, 6, 7]) % 11 % 10 == check
    })
}

/// Decreto-Lei 14/2013: weights 9 to 2, by 11.
fn pt_nif(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|digits| {
        let [first, .., check] = digits;
        let rest = weighted(&digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        !matches!(first, 0 | 4 | 7) && check == if rest < 2 { 0 } else { 11 - rest }
    })
}

/// Law 105/1996: sex and century, a birthday, the county; weights 2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9, by 11.
fn ro_cnp(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|digits| {
        let [sex, .., check] = digits;
        let county = digits.get(7..9).map_or(0, number);
        let rest = weighted(&digits, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
        (1..=9).contains(&sex)
            && matches!(county, 1..=48 | 51 | 52 | 70)
            && digits.get(1..).is_some_and(is_short)
            && check == if rest == 10 { 1 } else { rest }
    })
}

/// Order MMV-7-6/435: two check digits for people, one for organisations, by 11 and 10.
fn ru_inn(value: &[u8]) -> bool {
    const WEIGHTS: [u32; 11] = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
    let check = |digits: &[u32], from: usize| {
        let weights = WEIGHTS.get(from..).unwrap_or_default();
        weighted(digits, weights) % 11 % 10
    };
    if let Some(digits) = digits::<10>(value) {
        let [.., last] = digits;
        return check(&digits, 2) == last && !uniform(&digits);
    }
    digits::<12>(value).is_some_and(|digits| {
        let [.., one, other] = digits;
        check(digits.get(..10).unwrap_or_default(), 1) == one
            && check(digits.get(..11).unwrap_or_default(), 0) == other
            && !uniform(&digits)
    })
}

/// Order 318p of the Pension Fund: weights 9 to 1, by 101.
fn ru_snils(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        let (body, check) = digits.split_at(9);
        number(body) > 1_001_998
            && u64::from(weighted(body, &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101 % 100) == number(check)
    })
}

/// DVLA: five characters of the name, the year's third digit, the month (50 added for women), the day, the year's last.
fn uk_driving_licence(value: &[u8]) -> bool {
    plain::<16>(value).is_some_and(|plain| {
        let [name @ .., _, _, _, _, _, _, first, second, _, _, _] = plain;
        let letters = name.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let padded = name.iter().skip(letters).all(|byte| *byte == b'9');
        let initials = first.is_ascii_alphabetic() && (second.is_ascii_alphabetic() || second == b'9');
        let date = plain.get(6..10).and_then(digits::<4>);
        letters > 0
            && padded
            && initials
            && date.is_some_and(|date| {
                let (month, day) = date.split_at(2);
                is_day(number(month) % 50, number(day))
            })
    })
}

/// NHS Data Dictionary: weights 10 to 2, by 11.
fn uk_nhs(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        let [.., check] = digits;
        let rest = 11 - weighted(&digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        !uniform(&digits) && rest % 11 == check && rest != 10
    })
}

/// HMRC NIM39110: letters that are not used, prefixes that are not given, and a suffix of A to D.
fn uk_nino(value: &[u8]) -> bool {
    plain::<9>(value).is_some_and(|[first, second, .., suffix]| {
        !b"DFIQUV".contains(&first)
            && !b"DFIOQUV".contains(&second)
            && ![*b"BG", *b"GB", *b"KN", *b"NK", *b"NT", *b"TN", *b"ZZ"].contains(&[first, second])
            && matches!(suffix, b'A'..=b'D')
    })
}

/// BS 7666: an area, and an inward code without C, I, K, M, O and V.
fn uk_postcode(value: &[u8]) -> bool {
    const AREAS: &str = "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E \
                         EC EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE \
                         LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK \
                         SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE";
    let plain: Vec<u8> = characters(value).collect();
    let letters = plain.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let area = plain.get(..letters).unwrap_or_default();
    let known = AREAS.split_whitespace().any(|known| known.as_bytes() == area);
    known && plain.iter().rev().take(2).all(|byte| !b"CIKMOV".contains(byte))
}

/// HMRC: the check digit first, weights 6, 7, 8, 9, 10, 5, 4, 3, 2, by 11.
fn uk_utr(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        let [check, body @ ..] = digits;
        let rest = weighted(&body, &[6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11;
        [2, 1, 9, 8, 7, 6, 5, 4, 3, 2, 1].get(usize::try_from(rest).unwrap_or(0)) == Some(&check)
    })
}

/// DVLA INF104, marks since 2001: an area that is in use, an age of 02 to 29 or 51 to 79, no I, Q, Z in the area and no I, Q
/// at the end. Older marks carry their year as a letter without I, O, Q, U, Z.
fn uk_vehicle(value: &[u8]) -> bool {
    let plain: Vec<u8> = characters(value).collect();
    match plain.as_slice() {
        [a, b, d @ b'0'..=b'9', e @ b'0'..=b'9', tail @ ..] if tail.len() == 3 => {
            let age = (d - b'0') * 10 + (e - b'0');
            matches!(age, 2..=29 | 51..=79)
                && !b"IJQTUXZ".contains(a)
                && !b"IQZ".contains(b)
                && tail.iter().all(|byte| !b"IQ".contains(byte))
        }
        [year, _, .., a, b, c]
            if year.is_ascii_alphabetic() && [a, b, c].iter().all(|x| x.is_ascii_alphabetic()) =>
        {
            !b"IOQUZ".contains(year)
        }
        [_, _, _, .., year] if year.is_ascii_alphabetic() => !b"IOQUZ".contains(year),
        _ => false,
    }
}
