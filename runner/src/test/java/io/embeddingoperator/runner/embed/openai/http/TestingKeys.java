package io.embeddingoperator.runner.embed.openai.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Keys with certificates that they sign themselves, made by the JDK's own tool. */
public final class TestingKeys {
    public static final String PASSWORD = "of-this-test";

    private TestingKeys() {}

    /** @param options of keytool, beside those that all keys need */
    public static Path store(Path file, String algorithm, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "test",
                "-keyalg",
                algorithm,
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD));
        command.addAll(List.of(options));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes(), UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
        return file;
    }

    public static String certificate(Path store) throws GeneralSecurityException, IOException {
        Certificate certificate = open(store).getCertificate("test");
        return pem("CERTIFICATE", certificate.getEncoded());
    }

    /** As PKCS#8 has it. */
    public static byte[] key(Path store) throws GeneralSecurityException, IOException {
        return open(store).getKey("test", PASSWORD.toCharArray()).getEncoded();
    }

    public static String pem(String type, byte[] content) {
        return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
                .formatted(
                        type, Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(content));
    }

    private static KeyStore open(Path store) throws GeneralSecurityException, IOException {
        return KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    }
}
