package io.embeddingoperator.runner.embed.openai.http;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemTrustOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Map;
import java.util.Optional;

/** Who vouches for the certificate of an endpoint, where it is none of the authorities that Java knows. */
public final class TrustedAuthorities {
    private final byte[] pem;

    private TrustedAuthorities(byte[] pem) {
        this.pem = pem;
    }

    /**
     * Empty where the public authorities do.
     *
     * @throws SpecificationException when they are asked for and there is no file of certificates
     */
    public static Optional<TrustedAuthorities> of(OpenAiEmbedder spec, Map<String, String> variables) {
        Optional<String> file = Optional.ofNullable(variables.get(EnvironmentVariable.OPENAI_CA_BUNDLE))
                .filter(name -> !name.isBlank());
        if (file.isEmpty() && spec.caBundle() != null) {
            throw new SpecificationException(
                    "the environment variable %s is not set: it names the file of the certificates that spec.embedder.openai.caBundle means"
                            .formatted(EnvironmentVariable.OPENAI_CA_BUNDLE));
        }
        return file.map(Path::of).map(TrustedAuthorities::read);
    }

    PemTrustOptions options() {
        return new PemTrustOptions().addCertValue(Buffer.buffer(pem));
    }

    private static TrustedAuthorities read(Path file) {
        try {
            byte[] pem = Files.readAllBytes(file);
            if (CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem))
                    .isEmpty()) {
                throw refused(file, "holds no certificate", null);
            }
            return new TrustedAuthorities(pem);
        } catch (IOException e) {
            throw refused(file, "cannot be read", e);
        } catch (CertificateException e) {
            throw refused(file, "holds something else than certificates", e);
        }
    }

    private static SpecificationException refused(Path file, String what, Exception cause) {
        return new SpecificationException(
                "the file %s, which %s names, %s: give the certificates of your authorities in PEM"
                        .formatted(file, EnvironmentVariable.OPENAI_CA_BUNDLE, what),
                cause);
    }
}
