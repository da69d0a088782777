//! The sandbox as a client meets it, over HTTP. This room holds the bench; the tests are in the others.

mod calls;
mod clock;
mod faults;
mod faults_wire;
mod limit_styles;
mod storage;

use mavi_sandbox::{HeldAsset, Sandbox, SandboxConfig};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

struct Bench {
    sandbox: Sandbox,
    client: Client,
}

impl Bench {
    async fn start(change: impl FnOnce(&mut SandboxConfig)) -> Self {
        let mut config = SandboxConfig {
            rate: 0.0,
            ..SandboxConfig::default()
        };
        change(&mut config);
        let sandbox = Sandbox::start(config).await.unwrap();
        // The client's TLS has no default; who comes second finds it done.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { sandbox, client }
    }

    async fn free() -> Self {
        Self::start(|_| {}).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.base_url())
    }

    fn keyed(&self, request: RequestBuilder) -> RequestBuilder {
        request.header("Authorization", self.sandbox.api_key())
    }

    fn sign_call(&self, name: &str) -> RequestBuilder {
        let url = self.url("/upload/signed-url");
        self.keyed(self.client.post(url))
            .json(&json!({ "original_filename": name }))
    }

    async fn sign(&self, name: &str) -> (String, String) {
        let answer = json_of(self.sign_call(name).send().await.unwrap()).await;
        let text = |key: &str| answer["data"][key].as_str().unwrap().to_owned();
        (text("asset_id"), text("signed_url"))
    }

    fn post(&self, url: &str, name: &str, content: &[u8]) -> RequestBuilder {
        let body = form(name, content);
        self.client
            .post(url)
            .header("Content-Type", FORM)
            .body(body)
    }

    async fn send(&self, url: &str, name: &str, content: &[u8]) -> (u16, String) {
        let answer = self.post(url, name, content).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn status(&self, id: &str) -> Value {
        let request = self.client.get(self.url(&format!("/{id}/metadata")));
        json_of(self.keyed(request).send().await.unwrap()).await
    }

    async fn upload_status(&self, id: &str) -> Value {
        self.status(id).await["data"]["resource"][0]["upload_status"].clone()
    }

    fn only(&self) -> HeldAsset {
        let mut assets = self.sandbox.assets();
        assert_eq!(assets.len(), 1);
        assets.remove(0)
    }
}

const FORM: &str = "multipart/form-data; boundary=mavi-test";

fn form(name: &str, content: &[u8]) -> Vec<u8> {
    let name = name
        .replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A");
    let head = format!(
        "--mavi-test\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    [head.as_bytes(), content, b"\r\n--mavi-test--\r\n"].concat()
}

async fn json_of(answer: Response) -> Value {
    answer.json().await.unwrap()
}

fn sha256(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
