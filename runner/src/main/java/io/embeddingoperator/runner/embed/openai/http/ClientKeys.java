package io.embeddingoperator.runner.embed.openai.http;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.vertx.core.net.KeyCertOptions;
import java.net.Socket;
import java.nio.file.Path;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate by which the runner proves itself to a server that asks for one. Its files are read at each new connection, so
 * that one which was renewed in its Secret is used. Safe for concurrent use.
 */
public final class ClientKeys extends X509ExtendedKeyManager {
    /** What to do where a server does not take it, or misses it. */
    static final String REMEDY =
            "give a certificate that the server's authorities vouch for, and its key, in spec.embedder.openai.clientCertificate"
                    + " (in a process, name their files in %s and %s)"
                            .formatted(
                                    EnvironmentVariable.OPENAI_CLIENT_CERTIFICATE,
                                    EnvironmentVariable.OPENAI_CLIENT_KEY);

    /** The least that there is: 0 is for ever. */
    private static final int RESUMED_FOR_SECONDS = 1;

    private static final Logger LOG = LoggerFactory.getLogger(ClientKeys.class);

    private final Path certificateFile;
    private final Path keyFile;
    private final Clock clock;

    /** By the certificate's number: a connection that is being made goes on with the one that it began with. */
    private final Map<String, CertifiedKey> known = new ConcurrentHashMap<>();

    private volatile CertifiedKey last;

    ClientKeys(Path certificateFile, Path keyFile, Clock clock) {
        this.certificateFile = certificateFile;
        this.keyFile = keyFile;
        this.clock = clock;
        this.last = CertifiedKey.read(certificateFile, keyFile, clock.instant());
    }

    /**
     * Empty where the runner has none.
     *
     * @throws SpecificationException when one is asked for and cannot be used
     */
    public static Optional<ClientKeys> of(OpenAiEmbedder spec, Map<String, String> variables) {
        Optional<Path> certificate = OpenAiEndpoint.path(EnvironmentVariable.OPENAI_CLIENT_CERTIFICATE, variables);
        Optional<Path> key = OpenAiEndpoint.path(EnvironmentVariable.OPENAI_CLIENT_KEY, variables);
        if (spec.clientCertificate() == null && certificate.isEmpty() && key.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new ClientKeys(
                certificate.orElseThrow(() -> missing(EnvironmentVariable.OPENAI_CLIENT_CERTIFICATE)),
                key.orElseThrow(() -> missing(EnvironmentVariable.OPENAI_CLIENT_KEY)),
                Clock.systemUTC()));
    }

    private static SpecificationException missing(String variable) {
        return new SpecificationException(
                "the environment variable %s is not set: it names one of the two files of spec.embedder.openai.clientCertificate"
                        .formatted(variable));
    }

    KeyCertOptions options() {
        return KeyCertOptions.wrap(this);
    }

    /** A connection that resumed another one's session would prove what that one proved, by a certificate of another time. */
    static void forget(SSLSession session) {
        session.getSessionContext().setSessionTimeout(RESUMED_FOR_SECONDS);
        session.invalidate();
    }

    private CertifiedKey current() {
        try {
            last = CertifiedKey.read(certificateFile, keyFile, clock.instant());
        } catch (SpecificationException e) {
            LOG.warn("{}; going on with the certificate that was read before", e.getMessage());
        }
        return last;
    }

    /** Not by the authorities that the server names: one that does not take it says so, while one that gets none says less. */
    @Override
    public @Nullable String chooseEngineClientAlias(String[] keyTypes, Principal[] issuers, SSLEngine engine) {
        return alias(keyTypes);
    }

    private @Nullable String alias(String[] keyTypes) {
        CertifiedKey now = current();
        if (!Arrays.asList(keyTypes).contains(now.key().getAlgorithm())) {
            return null;
        }
        String alias = now.chain().getFirst().getSerialNumber().toString();
        known.put(alias, now);
        return alias;
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        CertifiedKey key = known.get(alias);
        return key == null ? null : key.key();
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        CertifiedKey key = known.get(alias);
        return key == null ? null : key.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public @Nullable String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
        return alias(keyTypes);
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
        return known.keySet().toArray(String[]::new);
    }

    /** It serves nothing. */
    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal[] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        return null;
    }
}
