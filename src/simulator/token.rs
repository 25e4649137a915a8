//! Access tokens: shaped like the real ones, signed with a checksum only the simulator can make.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::world;

/// How long a token is good for, in seconds.
pub(super) const LIFETIME: i64 = 3599;

/// The claims the services look at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Token {
    pub(super) aud: String,
    pub(super) iss: String,
    pub(super) iat: i64,
    pub(super) nbf: i64,
    pub(super) exp: i64,
    pub(super) appid: Uuid,
    /// The object id of the application's service principal in the tenant.
    pub(super) oid: Uuid,
    /// The same: an application is its own subject.
    pub(super) sub: Uuid,
    pub(super) tid: Uuid,
    pub(super) idtyp: String,
    pub(super) ver: String,
    /// The granted application permissions, as they were when the token was made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) roles: Vec<String>,
}

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    Missing,
    Malformed,
    Expired,
}

impl Token {
    pub(super) fn new(
        tenant: Uuid,
        client: Uuid,
        audience: &str,
        roles: Vec<String>,
        now: Timestamp,
    ) -> Self {
        let now = now.as_second();
        Self {
            aud: audience.to_owned(),
            iss: format!("https://sts.windows.net/{tenant}/"),
            iat: now,
            nbf: now,
            exp: now + LIFETIME,
            appid: client,
            oid: service_principal(tenant, client),
            sub: service_principal(tenant, client),
            tid: tenant,
            idtyp: "app".to_owned(),
            ver: "1.0".to_owned(),
            roles,
        }
    }

    /// The three parts of a JSON Web Token.
    pub(super) fn encode(&self) -> String {
        let header =
            URL_SAFE_NO_PAD.encode(json!({"typ": "JWT", "alg": "RS256", "kid": "simulator"}).to_string());
        let claims = serde_json::to_string(self).expect("claims are plain data");
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = sign(&signed);
        format!("{signed}.{signature}")
    }

    /// Reads the token of an `Authorization` header.
    pub(super) fn read(
        authorization: Option<&str>,
        now: Timestamp,
        opened: &mut Opened,
    ) -> Result<Self, Unfit> {
        let text = authorization.ok_or(Unfit::Missing)?;
        let (scheme, token) = text.split_once(' ').ok_or(Unfit::Malformed)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Unfit::Malformed);
        }
        let token = opened.open(token.trim()).ok_or(Unfit::Malformed)?;
        if token.exp <= now.as_second() { Err(Unfit::Expired) } else { Ok(token) }
    }

    /// What an unaltered token of ours says, whatever the time.
    pub(super) fn open(token: &str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        if sign(signed) != signature {
            return None;
        }
        let (_, claims) = signed.split_once('.')?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }

    /// Whether the token carries one of these permissions; an empty list asks for none.
    pub(super) fn may(&self, any_of: &[&str]) -> bool {
        any_of.is_empty() || any_of.iter().any(|wanted| self.roles.iter().any(|role| role == wanted))
    }
}

/// The token opened last: requests come in runs with the same one, and every item of a batch has that of the batch.
#[derive(Debug, Default)]
pub(super) struct Opened(Option<(String, Token)>);

impl Opened {
    fn open(&mut self, text: &str) -> Option<Token> {
        if let Some((last, token)) = &self.0
            && last == text
        {
            return Some(token.clone());
        }
        let token = Token::open(text)?;
        self.0 = Some((text.to_owned(), token.clone()));
        Some(token)
    }
}

/// The object id of an application's service principal in a tenant.
pub(super) fn service_principal(tenant: Uuid, client: Uuid) -> Uuid {
    Uuid::new_v5(&tenant, client.as_bytes())
}

/// The resources tokens can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resource {
    Graph,
    Arm,
}

/// The audiences of Graph in each cloud.
const GRAPH: [(&[world::Cloud], &str); 4] = [
    (&[world::Cloud::Global], "https://graph.microsoft.com"),
    (&[world::Cloud::UsGov], "https://graph.microsoft.us"),
    (&[world::Cloud::UsGovDod], "https://dod-graph.microsoft.us"),
    (&[world::Cloud::China], "https://microsoftgraph.chinacloudapi.cn"),
];

/// The audiences of Resource Manager in each cloud, the older form too.
const ARM: [(&[world::Cloud], &str); 6] = [
    (&[world::Cloud::Global], "https://management.azure.com"),
    (&[world::Cloud::Global], "https://management.core.windows.net"),
    (&[world::Cloud::UsGov, world::Cloud::UsGovDod], "https://management.usgovcloudapi.net"),
    (&[world::Cloud::UsGov, world::Cloud::UsGovDod], "https://management.core.usgovcloudapi.net"),
    (&[world::Cloud::China], "https://management.chinacloudapi.cn"),
    (&[world::Cloud::China], "https://management.core.chinacloudapi.cn"),
];

impl Resource {
    /// The resource an audience names: one of the real clouds, or the simulator's own base address.
    pub(super) fn of_audience(audience: &str, origin: &str) -> Option<Self> {
        Self::find(audience, origin, |_| true)
    }

    /// The same in one cloud: another cloud's services are unknown there.
    pub(super) fn in_cloud(audience: &str, cloud: world::Cloud, origin: &str) -> Option<Self> {
        Self::find(audience, origin, |clouds| clouds.contains(&cloud))
    }

    fn find(audience: &str, origin: &str, fits: impl Fn(&[world::Cloud]) -> bool) -> Option<Self> {
        let audience = audience.trim_end_matches('/');
        let own = audience.strip_prefix(origin);
        let listed = |known: &[(&[world::Cloud], &str)]| {
            known.iter().any(|(clouds, name)| *name == audience && fits(clouds))
        };
        if listed(&GRAPH) || own == Some("/graph") {
            Some(Self::Graph)
        } else if listed(&ARM) || own == Some("/arm") {
            Some(Self::Arm)
        } else {
            None
        }
    }
}

/// The clouds, as far as Resource Manager counts requests differently in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cloud {
    Public,
    National,
}

impl Cloud {
    /// The cloud an audience belongs to; the simulator's own address is public.
    pub(super) fn of_audience(audience: &str) -> Self {
        let national = ["usgovcloudapi.net", "microsoft.us", "chinacloudapi.cn"];
        let host = audience.trim_end_matches('/');
        if national.iter().any(|end| host.ends_with(end)) { Self::National } else { Self::Public }
    }
}

/// Not a secret, only proof that nobody altered the token by mistake.
fn sign(signed: &str) -> String {
    let namespace = Uuid::from_u128(0x0051_4d00_4000_8000_0000_5163_0000_0001);
    URL_SAFE_NO_PAD.encode(Uuid::new_v5(&namespace, signed.as_bytes()).as_bytes())
}
