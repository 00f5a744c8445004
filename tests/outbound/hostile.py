"""What an attacker would like to be taken for an address, in the forms that have fooled others."""

HOSTILE = (
    # no http
    "", "file:///etc/passwd", "ftp://ehr.test:{port}/fhir/x", "gopher://ehr.test:{port}/_x", "dict://ehr.test:{port}/x",
    "ldap://ehr.test:{port}/x", "data:application/json,1", "javascript:alert(1)", "unix:/var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/x", "jar:http://ehr.test:{port}!/x", "urn:uuid:0", "x", "/fhir/x",
    "?page=2",    "//evil.test/fhir/x", "http:ehr.test:{port}/fhir/x", "http:/ehr.test:{port}/fhir/x", "http:///ehr.test/fhir/x",
    "http:\\\\ehr.test:{port}\\fhir\\x", "://ehr.test/fhir/x", " http://ehr.test:{port}/fhir/x",
    # users
    "http://ehr.test:{port}@evil.test/fhir/x", "http://user:word@ehr.test:{port}/fhir/x", "http://@ehr.test:{port}/fhir/x",
    "http://evil.test\\@ehr.test:{port}/fhir/x", "http://ehr.test:{port}\\@evil.test/fhir/x", "http://ehr.test@[::1]/x",
    "http://ehr.test%40evil.test/fhir/x", "http://ehr.test:{port}#@evil.test/fhir/x", "http://evil.test#ehr.test/fhir/x",
    # hosts
    "http://ehr.test.:{port}/fhir/x", "http://ehr..test:{port}/fhir/x", "http://.ehr.test:{port}/fhir/x",
    "http://-ehr.test:{port}/fhir/x", "http://ehr%2etest:{port}/fhir/x", "http://ehr.test%00.evil.test/fhir/x",
    "http://ehr。test:{port}/fhir/x", "http://еhr.test:{port}/fhir/x", "http://ｅhr.test:{port}/fhir/x",
    "http://ehr.te\u00adst:{port}/fhir/x", "http://\u202eehr.test:{port}/fhir/x", "http://ehr.te\tst:{port}/fhir/x",
    # numbers
    "http://2130706433:{port}/fhir/x", "http://0x7f000001:{port}/fhir/x", "http://0x7f.0.0.1:{port}/fhir/x",
    "http://0177.0.0.1:{port}/fhir/x", "http://127.1:{port}/fhir/x", "http://127.0.0.1.:{port}/fhir/x",
    "http://127.0.0.256:{port}/fhir/x", "http://①②⑦.0.0.1:{port}/fhir/x", "http://0:{port}/fhir/x",
    "http://1.2.3.4.5:{port}/x", "http://evil.0x7f:{port}/x",
    "http://[fe80::1%25lo]:{port}/fhir/x", "http://[::1%lo]:{port}/fhir/x", "http://[::1:{port}/fhir/x",
    "http://::1:{port}/fhir/x", "http://[v1.x]:{port}/fhir/x", "http://[::ffff:0x7f.1]:{port}/x", "http://[]:{port}/x",
    # ports
    "http://ehr.test:/fhir/x", "http://ehr.test:0/fhir/x", "http://ehr.test:65536/fhir/x", "http://ehr.test:-{port}/fhir/x",
    "http://ehr.test:+{port}/fhir/x", "http://ehr.test: {port}/fhir/x", "http://ehr.test:{port}:80/fhir/x",
    "http://ehr.test:８０/fhir/x", "http://ehr.test:0x50/fhir/x",
    # paths
    "http://ehr.test:{port}/fhir/../admin", "http://ehr.test:{port}/fhir/..", "http://ehr.test:{port}/fhir/./x",
    "http://ehr.test:{port}/fhir/%2e%2e/admin", "http://ehr.test:{port}/fhir/.%2E/admin",
    "http://ehr.test:{port}/fhir/%252e%252e/admin", "http://ehr.test:{port}/fhir/..;/admin",
    "http://ehr.test:{port}/fhir/..;x=1/admin", "http://ehr.test:{port}/fhir/..%2fadmin",
    "http://ehr.test:{port}/fhir/..%5cadmin", "http://ehr.test:{port}/fhir\\..\\admin", "http://ehr.test:{port}//evil.test/x",
    "http://ehr.test:{port}/fhir//x", "http://ehr.test:{port}/fhir/x%00", "http://ehr.test:{port}/fhir/..\u2215admin",
    # the rest
    "http://ehr.test:{port}/fhir/x#y", "http://ehr.test:{port}/fhir/x?y#z", "http://ehr.test:{port}/fhir/x#",
    "http://ehr.test:{port}/fhir/x y", "http://ehr.test:{port}/fhir/x?y z", "http://ehr.test:{port}/fhir/x\n",
    "http://ehr.test:{port}/fhir/x\r\nHost: evil.test", "http://ehr.test:{port}/fhir/x?y\r\nX: z",
    "http://ehr.test:{port}/fhir/x HTTP/1.1\r\nHost: evil.test\r\n\r\n", "http://ehr.test:{port}/fhir/x?\x00",
    "http://ehr.test:{port}/fhir/x?ü",
)  # fmt: skip

ELSEWHERE = (
    # plain addresses, but none of http://ehr.test:{port}/fhir
    "http://evil.test:{port}/fhir/x", "http://ehr.test.evil.test:{port}/fhir/x", "http://evilehr.test:{port}/fhir/x",
    "http://evil.test/ehr.test/fhir/x", "http://evil.test/?http://ehr.test:{port}/fhir/x", "http://ehr.tes:{port}/fhir/x",
    "http://ehr.test:{other}/fhir/x", "http://ehr.test/fhir/x", "https://ehr.test:{port}/fhir/x", "https://ehr.test/fhir/x",
    "http://ehr.test:{port}", "http://ehr.test:{port}/", "http://ehr.test:{port}/FHIR/x", "http://ehr.test:{port}/fhirx",
    "http://ehr.test:{port}/fhi", "http://ehr.test:{port}/fhir-evil/x", "http://ehr.test:{port}/fhir.evil/x",
    "http://ehr.test:{port}/admin?/fhir/x", "http://ehr.test:{port}?/fhir/x", "http://ehr.test:{port}/x/fhir/x",
    "http://127.0.0.1:{port}/fhir/x", "http://[::1]:{port}/fhir/x", "http://[::ffff:127.0.0.1]:{port}/fhir/x",
    "http://localhost:{port}/fhir/x", "http://169.254.169.254/latest/meta-data/", "http://xn--hr-sjc.test:{port}/fhir/x",
)  # fmt: skip
