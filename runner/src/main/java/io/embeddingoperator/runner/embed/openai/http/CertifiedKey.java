package io.embeddingoperator.runner.embed.openai.http;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

/**
 * A certificate and its key, which belong together.
 *
 * @param chain the certificate, and those up to its authority behind it
 */
record CertifiedKey(PrivateKey key, List<X509Certificate> chain) {
    private static final byte[] PROBE = {1};

    CertifiedKey {
        chain = List.copyOf(chain);
    }

    /** @throws SpecificationException where the two prove nothing to a server */
    static CertifiedKey read(Path certificateFile, Path keyFile, Instant now) {
        byte[] certificates = bytes(certificateFile, EnvironmentVariable.OPENAI_CLIENT_CERTIFICATE);
        List<X509Certificate> chain = chain(certificates, certificateFile);
        X509Certificate certificate = chain.getFirst();
        Instant end = certificate.getNotAfter().toInstant();
        if (end.isBefore(now)) {
            throw refused(
                    certificateFile,
                    EnvironmentVariable.OPENAI_CLIENT_CERTIFICATE,
                    "holds a certificate that expired at %s: renew it".formatted(end),
                    null);
        }
        byte[] pem = bytes(keyFile, EnvironmentVariable.OPENAI_CLIENT_KEY);
        PrivateKey key = key(pem, certificates, certificate.getPublicKey(), keyFile);
        if (!belongTogether(key, certificate.getPublicKey())) {
            throw refused(
                    keyFile,
                    EnvironmentVariable.OPENAI_CLIENT_KEY,
                    "holds another key than that of the certificate in %s: give the two that belong together"
                            .formatted(certificateFile),
                    null);
        }
        return new CertifiedKey(key, chain);
    }

    private static byte[] bytes(Path file, String variable) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw refused(
                    file,
                    variable,
                    "cannot be read: the Secret of spec.embedder.openai.clientCertificate has to hold tls.crt and tls.key",
                    e);
        }
    }

    private static List<X509Certificate> chain(byte[] pem, Path file) {
        CertificateException cause = null;
        try {
            List<X509Certificate> chain =
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem)).stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (!chain.isEmpty()) {
                return chain;
            }
        } catch (CertificateException e) {
            cause = e;
        }
        throw refused(
                file,
                EnvironmentVariable.OPENAI_CLIENT_CERTIFICATE,
                "holds no certificate: give it in PEM, and those up to its authority behind it",
                cause);
    }

    /** Vert.x reads what OpenSSL and cert-manager write: PKCS#8, PKCS#1 of RSA and SEC1 of elliptic curves. */
    private static PrivateKey key(byte[] pem, byte[] certificates, PublicKey publicKey, Path file) {
        try {
            // It needs a Vertx for files alone, and is given values.
            X509KeyManager keys = (X509KeyManager) new PemKeyCertOptions()
                    .addKeyValue(Buffer.buffer(pem))
                    .addCertValue(Buffer.buffer(certificates))
                    .getKeyManagerFactory(null)
                    .getKeyManagers()[0];
            return keys.getPrivateKey(keys.getClientAliases(publicKey.getAlgorithm(), null)[0]);
        } catch (Exception e) {
            throw refused(
                    file,
                    EnvironmentVariable.OPENAI_CLIENT_KEY,
                    "holds no key that can be read, or one of another kind than the certificate's: give it in PEM, of RSA or of an elliptic"
                            + " curve such as P-256, without a password (openssl pkey -in tls.key -out plain.key writes it so)",
                    e);
        }
    }

    private static boolean belongTogether(PrivateKey key, PublicKey publicKey) {
        try {
            Signature signature =
                    Signature.getInstance(publicKey.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA");
            signature.initSign(key);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(PROBE);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static SpecificationException refused(Path file, String variable, String what, @Nullable Exception cause) {
        return new SpecificationException("the file %s, which %s names, %s".formatted(file, variable, what), cause);
    }

    /** The certificate alone. */
    @Override
    public String toString() {
        return chain.getFirst().getSubjectX500Principal().getName();
    }
}
