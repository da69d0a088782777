//! The three languages that the clients speak: MAVI, S3 and `WebDAV`, as far as they need answers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::request::Request;

/// Where the API lives below the sink's own address.
const API: &str = "/serve/api/v2";

/// What the sink remembers: how large things were, and how often it was called.
#[derive(Debug)]
pub(crate) struct Shelf {
    origin: String,
    assets: AtomicU64,
    api_connections: AtomicU64,
    storage_connections: AtomicU64,
    sizes: Mutex<HashMap<String, u64>>,
}

impl Shelf {
    pub(crate) fn new(origin: String) -> Self {
        Self {
            origin,
            assets: AtomicU64::new(0),
            api_connections: AtomicU64::new(0),
            storage_connections: AtomicU64::new(0),
            sizes: Mutex::default(),
        }
    }

    /// The whole answer to a request whose body of `size` bytes was thrown away; `first` on its
    /// connection.
    pub(crate) fn answer(&self, request: &Request, size: u64, first: bool) -> String {
        let (path, query) = (request.path.as_str(), request.query.as_str());
        if first && path != "/stats" {
            let count = if path.starts_with(API) {
                &self.api_connections
            } else {
                &self.storage_connections
            };
            count.fetch_add(1, Ordering::Relaxed);
        }
        match request.method.as_str() {
            "GET" if path == "/stats" => http("200 OK", "", &self.stats()),
            "POST" if path == format!("{API}/upload/signed-url") => self.sign(),
            "GET" if path.starts_with(API) => self.metadata(path),
            "POST" if query.starts_with("uploads") => {
                self.lock().insert(path.to_owned(), 0);
                http("200 OK", XML, S3_BEGUN)
            }
            "POST" if query.contains("uploadId=") => http("200 OK", XML, S3_COMPLETED),
            "POST" => {
                self.lock().insert(path.to_owned(), size);
                http("200 OK", "", "File uploaded successfully")
            }
            "PUT" => {
                let is_part = query.contains("partNumber=");
                let mut sizes = self.lock();
                let whole = sizes.entry(path.to_owned()).or_default();
                *whole = if is_part { *whole + size } else { size };
                let status = if path.starts_with("/dav/") {
                    "201 Created"
                } else {
                    "200 OK"
                };
                http(status, ETAG, "")
            }
            "GET" => http("200 OK", XML, S3_EMPTY),
            "HEAD" => self.head(path),
            "PROPFIND" => self.properties(path),
            _ => http("201 Created", "", ""),
        }
    }

    fn stats(&self) -> String {
        let (api, storage) = (&self.api_connections, &self.storage_connections);
        format!(
            "connections: {} to the API, {} to storage\n",
            api.load(Ordering::Relaxed),
            storage.load(Ordering::Relaxed)
        )
    }

    fn sign(&self) -> String {
        let no = self.assets.fetch_add(1, Ordering::Relaxed);
        let url = format!("{}/storage/re_{no}?signature=0123456789abcdef", self.origin);
        let data = format!(r#"{{"asset_id":"re_{no}","signed_url":"{url}","expires_in":93600}}"#);
        envelope(&data)
    }

    fn metadata(&self, path: &str) -> String {
        let id = path.rsplit('/').nth(1).unwrap_or_default();
        let size = self.lock().remove(&format!("/storage/{id}"));
        let data = match size {
            Some(size) => format!(
                r#"{{"total":1,"resource":[{{"asset_id":"{id}","file_size":"{size}","upload_status":"SUCCESS"}}]}}"#
            ),
            None => r#"{"total":0,"resource":[]}"#.to_owned(),
        };
        envelope(&data)
    }

    fn head(&self, path: &str) -> String {
        match self.lock().get(path) {
            // The only answer whose length is not its body's.
            Some(size) => format!("HTTP/1.1 200 OK\r\n{ETAG}Content-Length: {size}\r\n\r\n"),
            None => http("404 Not Found", "", ""),
        }
    }

    fn properties(&self, path: &str) -> String {
        let size = self.lock().get(path).copied();
        let Some(size) = size else {
            return http("404 Not Found", "", "");
        };
        let properties = format!(
            "<?xml version=\"1.0\"?><d:multistatus xmlns:d=\"DAV:\"><d:response><d:href>{path}</d:href>\
             <d:propstat><d:prop><d:getcontentlength>{size}</d:getcontentlength>\
             <d:getlastmodified>Thu, 01 Jan 2026 00:00:00 GMT</d:getlastmodified><d:resourcetype/>\
             </d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>"
        );
        http("207 Multi-Status", XML, &properties)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, u64>> {
        self.sizes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const XML: &str = "Content-Type: application/xml\r\n";

/// That of an object of several parts: no MD5, so that nobody compares one.
const ETAG: &str = "ETag: \"d41d8cd98f00b204e9800998ecf8427e-1\"\r\n\
     Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n";

const S3_BEGUN: &str = "<?xml version=\"1.0\"?><InitiateMultipartUploadResult><Bucket>b</Bucket>\
     <Key>k</Key><UploadId>u</UploadId></InitiateMultipartUploadResult>";

const S3_COMPLETED: &str = "<?xml version=\"1.0\"?><CompleteMultipartUploadResult><Bucket>b</Bucket>\
     <Key>k</Key><ETag>\"d41d8cd98f00b204e9800998ecf8427e-1\"</ETag></CompleteMultipartUploadResult>";

const S3_EMPTY: &str = "<?xml version=\"1.0\"?><ListBucketResult><Name>b</Name><KeyCount>0</KeyCount>\
     <MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>";

fn envelope(content: &str) -> String {
    let body =
        format!(r#"{{"code":200,"msg":"success","data":{content},"success":true,"failed":false}}"#);
    http("200 OK", "Content-Type: application/json\r\n", &body)
}

fn http(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
}
