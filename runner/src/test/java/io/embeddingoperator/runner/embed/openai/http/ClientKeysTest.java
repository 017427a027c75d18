package io.embeddingoperator.runner.embed.openai.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.ClientCertificate;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiServer;
import io.embeddingoperator.api.v1alpha1.SecretReference;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.testing.TestingOpenAi;
import io.vertx.core.http.HttpServerRequest;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientKeysTest {
    private static final byte[] BODY = "{}".getBytes(UTF_8);

    /** What is between the beginning of PKCS#8 and the form that it wraps, of RSA with 2048 bits. */
    private static final int BEFORE_PKCS1 = 26;

    @TempDir
    private static Path keys;

    private static Path servers;
    private static Path ofEc;
    private static Path ofRsa;
    private static Path anotherOfEc;

    @TempDir
    private Path folder;

    /** Whom the server was asked by. */
    private final List<String> clients = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void keys() throws Exception {
        servers = TestingKeys.store(
                keys.resolve("server.p12"), "EC", "-dname", "CN=localhost", "-ext", "san=dns:localhost");
        ofEc = client("ec", "EC", "-groupname", "secp256r1");
        ofRsa = client("rsa", "RSA", "-keysize", "2048");
        anotherOfEc = client("another-ec", "EC", "-groupname", "secp256r1");
    }

    private static Path client(String name, String algorithm, String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of(options));
        all.addAll(List.of("-dname", "CN=" + name));
        return TestingKeys.store(keys.resolve(name + ".p12"), algorithm, all.toArray(String[]::new));
    }

    @BeforeEach
    void authorities() throws Exception {
        Files.writeString(folder.resolve("ca.pem"), TestingKeys.certificate(servers));
    }

    @ParameterizedTest
    @CsvSource({"EC, PRIVATE KEY", "RSA, PRIVATE KEY", "RSA, RSA PRIVATE KEY", "EC, EC PRIVATE KEY"})
    void aServerThatAsksGetsTheCertificateInWhateverFormItsKeyIs(String algorithm, String form) throws Exception {
        Path client = algorithm.equals("RSA") ? ofRsa : ofEc;
        Files.writeString(folder.resolve("tls.crt"), TestingKeys.certificate(client));
        Files.writeString(folder.resolve("tls.key"), TestingKeys.pem(form, key(client, form)));
        try (TestingEndpoint server = server(TestingKeys.certificate(client));
                OpenAiHttp http = http(server)) {
            assertThat(http.post("/embeddings", BODY).text()).isEqualTo("{}");
            assertThat(http.download("/files/file-1/content").readAllBytes()).isEqualTo(BODY);

            String name = "CN=" + algorithm.toLowerCase(Locale.ROOT);
            assertThat(clients).containsExactly(name, name);
        }
    }

    @Test
    void aRenewedCertificateIsUsedAtTheNextConnectionAndABrokenOneIsNot() throws Exception {
        String renewed = TestingKeys.certificate(anotherOfEc);
        write(ofEc);
        try (TestingEndpoint server = server(TestingKeys.certificate(ofEc) + renewed);
                OpenAiHttp http = http(server)) {
            http.post("/embeddings", BODY);
            Files.writeString(folder.resolve("tls.crt"), renewed);
            http.post("/embeddings", BODY);
            assertThat(clients).as("a certificate without its key is none yet").containsOnly("CN=ec");

            write(anotherOfEc);
            // The session of the connection before may be resumed for a second.
            Thread.sleep(1_500);
            http.post("/embeddings", BODY);

            assertThat(clients).containsExactly("CN=ec", "CN=ec", "CN=another-ec");
        }
    }

    @Test
    void aServerThatMissesACertificateIsNotAskedAgain() throws Exception {
        try (TestingEndpoint server = server(TestingKeys.certificate(ofEc));
                OpenAiHttp http = OpenAiHttp.open(
                        OpenAiEndpoint.of(
                                spec(server.url().toString(), null),
                                Map.of(
                                        EnvironmentVariable.OPENAI_CA_BUNDLE,
                                        folder.resolve("ca.pem").toString())),
                        1)) {
            OpenAiFailure.NetworkTrouble missed = failure(http);

            assertThat(missed.sentence())
                    .endsWith("the server localhost:%d asks for a certificate of its client, and got none"
                            .formatted(server.url().getPort()));
            assertThat(missed.sent()).as("nothing can have been billed").isFalse();
            assertThat(OpenAiFailures.fatal(missed).orElseThrow())
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining("spec.embedder.openai.clientCertificate");
        }
    }

    @Test
    void aServerThatRefusesTheCertificateIsNotAskedAgain() throws Exception {
        write(anotherOfEc);
        try (TestingEndpoint server = server(TestingKeys.certificate(ofEc));
                OpenAiHttp http = http(server)) {
            OpenAiFailure.NetworkTrouble refused = failure(http);

            assertThat(refused.sentence()).contains("refuses the certificate of its client (");
            assertThat(refused.remedy()).isPresent();
            assertThat(clients).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            another key  | tls.key, which EMBEDDING_OPENAI_CLIENT_KEY names, holds another key than that of the certificate in
            RSA key      | tls.key, which EMBEDDING_OPENAI_CLIENT_KEY names, holds no key that can be read, or one of another kind
            no key       | tls.key, which EMBEDDING_OPENAI_CLIENT_KEY names, cannot be read: the Secret of spec.embedder.openai.clientCertificate has to hold tls.crt and tls.key
            encrypted    | tls.key, which EMBEDDING_OPENAI_CLIENT_KEY names, holds no key that can be read, or one of another kind
            expired      | tls.crt, which EMBEDDING_OPENAI_CLIENT_CERTIFICATE names, holds a certificate that expired at
            words        | tls.crt, which EMBEDDING_OPENAI_CLIENT_CERTIFICATE names, holds no certificate: give it in PEM
            nothing      | tls.crt, which EMBEDDING_OPENAI_CLIENT_CERTIFICATE names, holds no certificate: give it in PEM
            no variables | the environment variable EMBEDDING_OPENAI_CLIENT_CERTIFICATE is not set
            """)
    void whatProvesNothingIsRefusedInASentenceBeforeAnythingIsSent(String what, String sentence) throws Exception {
        write(ofEc);
        Map<String, String> variables = new HashMap<>(variables());
        Path key = folder.resolve("tls.key");
        Path certificate = folder.resolve("tls.crt");
        switch (what) {
            case "another key" -> Files.writeString(key, TestingKeys.pem("PRIVATE KEY", TestingKeys.key(anotherOfEc)));
            case "RSA key" -> Files.writeString(key, TestingKeys.pem("PRIVATE KEY", TestingKeys.key(ofRsa)));
            case "no key" -> Files.delete(key);
            case "encrypted" -> Files.writeString(key, TestingKeys.pem("ENCRYPTED PRIVATE KEY", TestingKeys.key(ofEc)));
            case "expired" ->
                write(client("old", "EC", "-groupname", "secp256r1", "-startdate", "-9d", "-validity", "2"));
            case "words" -> Files.writeString(certificate, "no certificate");
            case "nothing" -> Files.writeString(certificate, "");
            default -> variables.remove(EnvironmentVariable.OPENAI_CLIENT_CERTIFICATE);
        }
        ClientCertificate spec = new ClientCertificate(new SecretReference("runner-tls"));

        assertThatThrownBy(() -> OpenAiEndpoint.of(spec("https://localhost", spec), variables))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining(sentence);
    }

    private void write(Path client) throws Exception {
        Files.writeString(folder.resolve("tls.crt"), TestingKeys.certificate(client));
        Files.writeString(folder.resolve("tls.key"), TestingKeys.pem("PRIVATE KEY", TestingKeys.key(client)));
    }

    private static byte[] key(Path client, String form) throws Exception {
        byte[] pkcs8 = TestingKeys.key(client);
        return switch (form) {
            case "RSA PRIVATE KEY" -> Arrays.copyOfRange(pkcs8, BEFORE_PKCS1, pkcs8.length);
            case "EC PRIVATE KEY" -> sec1(pkcs8);
            default -> pkcs8;
        };
    }

    /** The number of a key of P-256, which ends PKCS#8 as Java writes it, in SEC1's form with the name of the curve. */
    private static byte[] sec1(byte[] pkcs8) {
        HexFormat hex = HexFormat.of();
        byte[] number = Arrays.copyOfRange(pkcs8, pkcs8.length - 32, pkcs8.length);
        return ByteBuffer.allocate(51)
                .put(hex.parseHex("30310201010420"))
                .put(number)
                .put(hex.parseHex("a00a06082a8648ce3d030107"))
                .array();
    }

    private TestingEndpoint server(String trusted) {
        return TestingEndpoint.askingForCertificates(servers, trusted, this::answer);
    }

    private void answer(HttpServerRequest request) {
        try {
            clients.add(request.connection().sslSession().getPeerPrincipal().getName());
        } catch (SSLPeerUnverifiedException e) {
            clients.add("nobody");
        }
        request.response().end("{}");
    }

    private OpenAiHttp http(TestingEndpoint server) {
        return OpenAiHttp.open(
                OpenAiEndpoint.of(
                        spec(server.url().toString(), new ClientCertificate(new SecretReference("runner-tls"))),
                        variables()),
                1);
    }

    private Map<String, String> variables() {
        return Map.of(
                EnvironmentVariable.OPENAI_CA_BUNDLE,
                folder.resolve("ca.pem").toString(),
                EnvironmentVariable.OPENAI_CLIENT_CERTIFICATE,
                folder.resolve("tls.crt").toString(),
                EnvironmentVariable.OPENAI_CLIENT_KEY,
                folder.resolve("tls.key").toString());
    }

    private static OpenAiFailure.NetworkTrouble failure(OpenAiHttp http) {
        OpenAiException thrown = catchThrowableOfType(OpenAiException.class, () -> http.post("/embeddings", BODY));
        assertThat(thrown).as("the request fails").isNotNull();
        return (OpenAiFailure.NetworkTrouble) thrown.failure();
    }

    private static OpenAiEmbedder spec(String baseUrl, ClientCertificate certificate) {
        return TestingOpenAi.model("a-model", 8)
                .with("baseUrl", baseUrl)
                .with("server", OpenAiServer.VLLM)
                .with("clientCertificate", certificate)
                .embedder();
    }
}
