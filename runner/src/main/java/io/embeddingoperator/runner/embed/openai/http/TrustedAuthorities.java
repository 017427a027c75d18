package io.embeddingoperator.runner.embed.openai.http;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.runner.http.AuthorityFile;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Who vouches for the certificate of an endpoint, where it is none of the authorities that Java knows. */
public final class TrustedAuthorities {
    /** What to do about a certificate that is not trusted. */
    static final String REMEDY =
            "check spec.embedder.openai.baseUrl, and where the authority is one of your own, give its certificate in"
                    + " spec.embedder.openai.caBundle (in a process, name its file in %s)"
                            .formatted(EnvironmentVariable.OPENAI_CA_BUNDLE);

    private final byte[] pem;

    private TrustedAuthorities(byte[] pem) {
        this.pem = pem;
    }

    /**
     * Empty where the public authorities do.
     *
     * @throws io.embeddingoperator.runner.failure.SpecificationException when they are asked for and there is no file of certificates
     */
    public static Optional<TrustedAuthorities> of(OpenAiEmbedder spec, Map<String, String> variables) {
        return AuthorityFile.of(
                        variables,
                        EnvironmentVariable.OPENAI_CA_BUNDLE,
                        "spec.embedder.openai.caBundle",
                        spec.caBundle() != null)
                .map(file -> new TrustedAuthorities(file.pem()));
    }

    PemTrustOptions options() {
        return new PemTrustOptions().addCertValue(Buffer.buffer(pem));
    }

    /** For a server that the public authorities vouch for, or these on its behalf. */
    TrustOptions besidePublic() {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (X509Certificate authority : publicOnes()) {
                store.setCertificateEntry(Integer.toString(store.size()), authority);
            }
            for (Certificate authority :
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem))) {
                store.setCertificateEntry(Integer.toString(store.size()), authority);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            return TrustOptions.wrap(trust.getTrustManagers()[0]);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("certificates that were read once can be read again", e);
        }
    }

    private static List<X509Certificate> publicOnes() throws GeneralSecurityException {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init((KeyStore) null);
        return Stream.of(trust.getTrustManagers())
                .filter(X509TrustManager.class::isInstance)
                .flatMap(manager -> Stream.of(((X509TrustManager) manager).getAcceptedIssuers()))
                .toList();
    }
}
