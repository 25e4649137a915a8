//! Where the services answer: the hosts of each cloud, and base addresses that replace them.

use std::net::IpAddr;

use url::{Host, Url};

use crate::model::cloud::Cloud;
use crate::model::ids::TenantId;

/// The three services' base addresses. Token scopes always come from the cloud: a token asked for by an overridden
/// address would be a token for somebody else's service.
#[derive(Debug, Clone)]
pub struct Endpoints {
    cloud: Cloud,
    login: Base,
    graph: Base,
    arm: Base,
}

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// Microsoft Graph.
    Graph,
    /// Azure Resource Manager.
    Arm,
}

/// Why a text is not a base address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not a URL.
    #[error("`{0}` is not a URL")]
    Malformed(String),
    /// Neither `https`, nor `http` on this machine.
    #[error("`{0}` would send secrets in the clear: `http` is for loopback addresses only")]
    InTheClear(String),
    /// Something a base address cannot have.
    #[error("`{0}` is not a base address: user, query and fragment have no place in it")]
    NotABase(String),
}

impl Endpoints {
    /// The hosts of a cloud.
    pub fn of(cloud: Cloud) -> Self {
        let base =
            |host: &str| Base(Url::parse(&format!("https://{host}/")).expect("a constant host is a URL"));
        Self {
            cloud,
            login: base(login_hosts(cloud)[0]),
            graph: base(graph_host(cloud)),
            arm: base(arm_host(cloud)),
        }
    }

    /// The same with another login service. A path prefix is allowed.
    pub fn with_login(mut self, base: &str) -> Result<Self, EndpointError> {
        self.login = Base::parse(base)?;
        Ok(self)
    }

    /// The same with another Graph. A path prefix is allowed.
    pub fn with_graph(mut self, base: &str) -> Result<Self, EndpointError> {
        self.graph = Base::parse(base)?;
        Ok(self)
    }

    /// The same with another Resource Manager. A path prefix is allowed.
    pub fn with_arm(mut self, base: &str) -> Result<Self, EndpointError> {
        self.arm = Base::parse(base)?;
        Ok(self)
    }

    /// Which cloud.
    pub fn cloud(&self) -> Cloud {
        self.cloud
    }

    /// Whether what is sent to any of the three stays on this machine.
    pub fn stay_here(&self) -> bool {
        [&self.login, &self.graph, &self.arm].into_iter().all(|base| stays_here(&base.0))
    }

    pub(super) fn login(&self) -> &Base {
        &self.login
    }

    pub(super) fn graph(&self) -> &Base {
        &self.graph
    }

    pub(super) fn arm(&self) -> &Base {
        &self.arm
    }

    /// What a token for a resource names as its audience.
    pub(super) fn audience(&self, resource: Resource) -> String {
        let host = match resource {
            Resource::Graph => graph_host(self.cloud),
            Resource::Arm => arm_host(self.cloud),
        };
        format!("https://{host}")
    }

    /// The scope to ask a token for.
    pub(super) fn scope(&self, resource: Resource) -> String {
        format!("{}/.default", self.audience(resource))
    }

    /// The audience of a foreign token that serves as assertion.
    pub(super) fn exchange_audience(&self) -> &'static str {
        match self.cloud {
            Cloud::Global => "api://AzureADTokenExchange",
            Cloud::UsGov | Cloud::UsGovDod => "api://AzureADTokenExchangeUSGov",
            Cloud::China => "api://AzureADTokenExchangeChina",
        }
    }

    /// Where a guest lands after accepting an invitation to `tenant`.
    pub(super) fn landing_page(&self, tenant: TenantId) -> String {
        let host = match self.cloud {
            Cloud::Global => "portal.azure.com",
            Cloud::UsGov | Cloud::UsGovDod => "portal.azure.us",
            Cloud::China => "portal.azure.cn",
        };
        format!("https://{host}/{tenant}")
    }
}

/// The cloud that a login service belongs to; none if it is nobody's known host.
pub fn cloud_of_login(url: &str) -> Option<Cloud> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str()?;
    [Cloud::Global, Cloud::UsGov, Cloud::China].into_iter().find(|&cloud| login_hosts(cloud).contains(&host))
}

/// The hosts of the login service, the one to use first.
fn login_hosts(cloud: Cloud) -> &'static [&'static str] {
    match cloud {
        Cloud::Global => &["login.microsoftonline.com", "login.windows.net", "sts.windows.net"],
        Cloud::UsGov | Cloud::UsGovDod => &["login.microsoftonline.us", "login.usgovcloudapi.net"],
        Cloud::China => &["login.chinacloudapi.cn", "login.partner.microsoftonline.cn"],
    }
}

fn arm_host(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::Global => "management.azure.com",
        Cloud::UsGov | Cloud::UsGovDod => "management.usgovcloudapi.net",
        Cloud::China => "management.chinacloudapi.cn",
    }
}

fn graph_host(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::Global => "graph.microsoft.com",
        Cloud::UsGov => "graph.microsoft.us",
        Cloud::UsGovDod => "dod-graph.microsoft.us",
        Cloud::China => "microsoftgraph.chinacloudapi.cn",
    }
}

/// A base address: scheme, host, port, and a path prefix without trailing slash.
#[derive(Debug, Clone)]
pub(super) struct Base(Url);

impl Base {
    fn parse(text: &str) -> Result<Self, EndpointError> {
        let url =
            Url::parse(text.trim_end_matches('/')).map_err(|_| EndpointError::Malformed(text.to_owned()))?;
        let plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        match url.scheme() {
            _ if !plain => Err(EndpointError::NotABase(text.to_owned())),
            "https" if url.has_host() => Ok(Self(url)),
            "http" if stays_here(&url) => Ok(Self(url)),
            "http" => Err(EndpointError::InTheClear(text.to_owned())),
            _ => Err(EndpointError::Malformed(text.to_owned())),
        }
    }

    /// The base's text without trailing slash.
    pub(super) fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The address of `path` (with leading slash, already encoded, its query included) under this base.
    pub(super) fn join(&self, path: &str) -> Url {
        let text = format!("{}{path}", self.as_str());
        Url::parse(&text).expect("a base and an encoded path make a URL")
    }

    /// Whether a link leads back to this base: same scheme, host, port and path prefix. Anything else would be handed
    /// our token.
    pub(super) fn covers(&self, link: &Url) -> bool {
        let prefix = self.0.path().trim_end_matches('/');
        link.scheme() == self.0.scheme()
            && link.host() == self.0.host()
            && link.port_or_known_default() == self.0.port_or_known_default()
            && link.username().is_empty()
            && link.password().is_none()
            && link.path().strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'))
    }
}

/// Whether what is sent to `url` stays on this machine: a loopback address, or the name that only the embedded
/// simulator answers to (`.invalid` never resolves).
fn stays_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        Some(Host::Domain(name)) => matches!(name, "localhost" | "simulator.invalid"),
        None => false,
    }
}

/// The address where this machine hands out tokens: plain HTTP, because it leaves no wire. Link-local addresses exist on this
/// machine's own network only; everything else would give the token to a stranger.
pub(super) fn identity_address(text: &str) -> Result<Url, EndpointError> {
    let url = Url::parse(text).map_err(|_| EndpointError::Malformed(text.to_owned()))?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    match url.scheme() {
        _ if !plain => Err(EndpointError::NotABase(text.to_owned())),
        "http" if stays_here(&url) || is_link_local(&url) => Ok(url),
        "http" | "https" => Err(EndpointError::InTheClear(text.to_owned())),
        _ => Err(EndpointError::Malformed(text.to_owned())),
    }
}

/// Whether an address exists only between this machine and its host.
pub(super) fn is_link_local(url: &Url) -> bool {
    matches!(url.host(), Some(Host::Ipv4(ip)) if ip.is_link_local())
}

/// Percent-encodes everything but unreserved characters: `#` in a guest's name would end the URL, `'` is doubled by
/// [`quoted`].
pub(super) fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a String takes every write");
        }
    }
    encoded
}

/// A text as OData wants it between quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_travels_in_the_clear() {
        let here = Endpoints::of(Cloud::Global);
        assert!(here.clone().with_login("http://127.0.0.1:8080/login/").is_ok());
        assert!(here.clone().with_graph("http://simulator.invalid/graph").is_ok());
        assert!(here.clone().with_graph("https://gateway.fabrikam.example/graph").is_ok());
        let refused = here.clone().with_login("http://login.fabrikam.example").unwrap_err();
        assert!(matches!(refused, EndpointError::InTheClear(_)));
        assert!(here.clone().with_arm("http://127.0.0.1.fabrikam.example").is_err());
        assert!(here.with_arm("https://user@management.azure.com").is_err());
    }

    #[test]
    fn a_link_leads_back_to_its_base_or_nowhere() {
        let base = Base::parse("http://127.0.0.1:80/graph").unwrap();
        let covered = |link: &str| base.covers(&Url::parse(link).unwrap());
        assert!(covered("http://127.0.0.1/graph/v1.0/groups?$skiptoken=x"));
        assert!(!covered("https://127.0.0.1/graph/v1.0/groups"), "another scheme");
        assert!(!covered("http://127.0.0.1:81/graph/v1.0/groups"), "another port");
        assert!(!covered("http://127.0.0.1/graphs/v1.0/groups"), "another prefix");
        assert!(!covered("http://evil.example/graph/v1.0/groups"), "another host");
        assert!(!covered("http://127.0.0.1/graph/../arm"), "a way out of the prefix");
    }

    /// Trap: graph 48
    #[test]
    fn every_cloud_has_its_own_hosts_scopes_and_exchange_audience() {
        let table = [
            (
                Cloud::Global,
                "https://login.microsoftonline.com",
                "https://graph.microsoft.com",
                "https://management.azure.com",
                "api://AzureADTokenExchange",
            ),
            (
                Cloud::UsGov,
                "https://login.microsoftonline.us",
                "https://graph.microsoft.us",
                "https://management.usgovcloudapi.net",
                "api://AzureADTokenExchangeUSGov",
            ),
            (
                Cloud::UsGovDod,
                "https://login.microsoftonline.us",
                "https://dod-graph.microsoft.us",
                "https://management.usgovcloudapi.net",
                "api://AzureADTokenExchangeUSGov",
            ),
            (
                Cloud::China,
                "https://login.chinacloudapi.cn",
                "https://microsoftgraph.chinacloudapi.cn",
                "https://management.chinacloudapi.cn",
                "api://AzureADTokenExchangeChina",
            ),
        ];
        for (cloud, login, graph, arm, exchange) in table {
            let here = Endpoints::of(cloud);
            assert_eq!(
                [here.login().as_str(), here.graph().as_str(), here.arm().as_str()],
                [login, graph, arm]
            );
            assert_eq!(here.exchange_audience(), exchange);
            // A token asked for by an overridden address would be a token for somebody else's service.
            let elsewhere = here
                .with_graph("http://simulator.invalid/graph")
                .and_then(|e| e.with_arm("https://gateway.fabrikam.example/azure/arm"))
                .unwrap();
            assert_eq!(elsewhere.scope(Resource::Graph), format!("{graph}/.default"));
            assert_eq!(elsewhere.scope(Resource::Arm), format!("{arm}/.default"));
            let url = elsewhere.arm().join("/subscriptions");
            assert_eq!(url.as_str(), "https://gateway.fabrikam.example/azure/arm/subscriptions");
        }
        assert_eq!(cloud_of_login("https://login.partner.microsoftonline.cn/"), Some(Cloud::China));
        assert_eq!(cloud_of_login("https://login.microsoftonline.us"), Some(Cloud::UsGov));
        assert_eq!(cloud_of_login("http://127.0.0.1:1/login"), None);
    }

    #[test]
    fn a_managed_identity_is_asked_for_on_this_machine_only() {
        for good in [
            "http://169.254.169.254/metadata",
            "http://127.0.0.1:41000/msi/token",
            "http://localhost:42356/msi/token",
        ] {
            assert!(identity_address(good).is_ok(), "{good}");
        }
        for bad in
            ["http://10.0.0.1/msi", "https://identity.fabrikam.example/", "http://u:p@localhost/", "nowhere"]
        {
            assert!(identity_address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn odata_text_is_quoted_and_encoded() {
        assert_eq!(encode(&quoted("o'b_x#EXT#@y")), "%27o%27%27b_x%23EXT%23%40y%27");
    }
}
