package io.embeddingoperator.cluster.controlplane;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/** The text form of keys and certificates (RFC 7468). */
final class Pem {
    private static final String PRIVATE_KEY = "PRIVATE KEY";

    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

    private Pem() {}

    /** An X.509 certificate, from its DER form. */
    static String certificate(byte[] der) {
        return of("CERTIFICATE", der);
    }

    /** A private key in PKCS #8. */
    static String of(PrivateKey key) {
        return of(PRIVATE_KEY, key.getEncoded());
    }

    /** Reads what {@link #of(PrivateKey)} wrote for an RSA key. */
    static PrivateKey privateKey(String pem) {
        String base64 = pem.replace(begin(PRIVATE_KEY), "").replace(end(PRIVATE_KEY), "");
        try {
            return KeyFactory.getInstance("RSA")
                    .generatePrivate(
                            new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("not a PEM file with an RSA key in PKCS #8", e);
        }
    }

    private static String of(String type, byte[] der) {
        return begin(type) + "\n" + LINES.encodeToString(der) + "\n" + end(type) + "\n";
    }

    private static String begin(String type) {
        return "-----BEGIN " + type + "-----";
    }

    private static String end(String type) {
        return "-----END " + type + "-----";
    }
}
