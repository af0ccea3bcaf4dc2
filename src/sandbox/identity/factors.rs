//! The method `totp`, and receipts for users who need several methods.

use std::collections::HashMap;
use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use http::{HeaderName, StatusCode};
use jiff::Timestamp;
use ring::hmac;
use serde_json::{Value, json};

use super::{Identity, Refused, expected, text};
use crate::sandbox::call::{self, Call};
use crate::sandbox::directory::{Domain, User};
use crate::sandbox::tokens::random_text;
use crate::sandbox::{clock, lock};

/// The TOTP secret of all users who have one, in base32, and decoded.
pub(in crate::sandbox) const TOTP_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const TOTP_KEY: &[u8] = b"Hello!\xde\xad\xbe\xefHello!\xde\xad\xbe\xef";

/// The seconds for which a passcode is valid.
const PERIOD: i64 = 30;

const RECEIPT: HeaderName = HeaderName::from_static("openstack-auth-receipt");
const RECEIPT_LIFETIME: Duration = Duration::from_secs(300);

/// The receipts of unfinished logins, by id.
#[derive(Default)]
pub(super) struct Receipts(Mutex<HashMap<String, Receipt>>);

#[derive(Debug, Clone)]
struct Receipt {
    user_id: String,
    methods: Vec<&'static str>,
    expires: Timestamp,
}

impl fmt::Debug for Receipts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The map's keys are receipts.
        formatter.debug_struct("Receipts").finish_non_exhaustive()
    }
}

impl Identity {
    /// The user of a passcode. Like Keystone, it also accepts the previous passcode.
    pub(super) fn by_totp(&self, payload: &Value) -> Result<&User, Refused> {
        let user = payload
            .get("user")
            .ok_or_else(|| expected("user", "totp"))?;
        let found = self.find_user(user)?;
        let given = text(user, "passcode");
        let step = clock::now().as_second().div_euclid(PERIOD);
        let is_valid = [step, step - 1]
            .iter()
            .any(|step| given == Some(passcode(*step).as_str()));
        found
            .filter(|user| user.has_totp && is_valid)
            .ok_or_else(|| self.unauthorized())
    }

    /// All methods of a login: those of this request, and those of its receipt.
    ///
    /// If the user needs more, the answer is a receipt.
    pub(super) fn all_methods(
        &self,
        call: &Call,
        user: &User,
        given: &[&'static str],
    ) -> Result<Vec<&'static str>, Refused> {
        let mut methods = given.to_vec();
        if let Some(id) = call.header(&RECEIPT) {
            let known = lock(&self.receipts.0).get(id).cloned();
            let known = known.filter(|r| r.user_id == user.id && r.expires > clock::now());
            let Some(receipt) = known else {
                return Err(self.refused(&json!({
                    "code": 401,
                    "message": format!("Could not find auth receipt: {id}."),
                    "title": "Unauthorized",
                })));
            };
            methods.extend(receipt.methods);
        }
        // The order of Keystone.
        methods.sort_unstable();
        methods.dedup();
        methods.reverse();
        match user.required.iter().all(|method| methods.contains(method)) {
            true => Ok(methods),
            false => Err(self.receipt(user, methods)),
        }
    }

    fn receipt(&self, user: &User, methods: Vec<&'static str>) -> Refused {
        let issued = clock::now();
        let expires = issued.checked_add(RECEIPT_LIFETIME).unwrap_or(issued);
        let id = format!("gAAAAAB{}", random_text(114));
        let body = json!({
            "receipt": {
                "methods": methods,
                "user": {
                    "id": user.id,
                    "name": user.name,
                    "domain": self.directory.domain_of_user(user).map(Domain::to_json),
                },
                "expires_at": clock::micros(expires),
                "issued_at": clock::micros(issued),
            },
            "required_auth_methods": [user.required],
        });
        let mut answer = call::json(StatusCode::UNAUTHORIZED, &body);
        call::set(&mut answer, RECEIPT, &id);
        let receipt = Receipt {
            user_id: user.id.clone(),
            methods,
            expires,
        };
        let mut receipts = lock(&self.receipts.0);
        receipts.retain(|_, receipt| receipt.expires > issued);
        receipts.insert(id, receipt);
        Box::new(answer)
    }
}

/// The passcode of a period (RFC 6238).
fn passcode(step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, TOTP_KEY);
    let digest = hmac::sign(&key, &step.to_be_bytes());
    let digest = digest.as_ref();
    let start = usize::from(digest.last().copied().unwrap_or_default() & 0xf);
    let number = digest.iter().skip(start).take(4);
    let number = number.fold(0, |number, byte| number << 8 | u32::from(*byte));
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}
