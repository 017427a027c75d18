package io.embeddingoperator.cluster.controlplane;

import io.embeddingoperator.cluster.controlplane.PublicKeyInfrastructure.Credential;
import io.fabric8.kubernetes.api.model.AuthInfo;
import io.fabric8.kubernetes.api.model.AuthInfoBuilder;
import io.fabric8.kubernetes.api.model.ConfigBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;

/**
 * What clients find and trust one API server by.
 *
 * @param server its URL
 * @param authorityCertificate what signed its certificate, PEM
 */
record Kubeconfig(String server, String authorityCertificate) {
    private static final String CLUSTER = "local";

    /** What signed the server's certificate, as a kubeconfig holds it: PEM in Base64. */
    String authorityCertificateData() {
        return base64(authorityCertificate);
    }

    /** Writes a file for a user who shows a certificate; only its owner can read it. */
    void write(Path file, String user, Credential credential) {
        write(
                file,
                user,
                new AuthInfoBuilder()
                        .withClientCertificateData(base64(credential.certificate()))
                        .withClientKeyData(base64(credential.key()))
                        .build());
    }

    /** Writes a file for a user who shows a token; only its owner can read it. */
    void write(Path file, String user, String token) {
        write(file, user, new AuthInfoBuilder().withToken(token).build());
    }

    private void write(Path file, String user, AuthInfo credential) {
        String content = Serialization.asYaml(new ConfigBuilder()
                .withApiVersion("v1")
                .withKind("Config")
                .addNewCluster()
                .withName(CLUSTER)
                .withNewCluster()
                .withServer(server)
                .withCertificateAuthorityData(authorityCertificateData())
                .endCluster()
                .endCluster()
                .addNewUser()
                .withName(user)
                .withUser(credential)
                .endUser()
                .addNewContext()
                .withName(CLUSTER)
                .withNewContext()
                .withCluster(CLUSTER)
                .withUser(user)
                .endContext()
                .endContext()
                .withCurrentContext(CLUSTER)
                .build());
        try {
            // At once and whole, since another process may be reading it.
            Path written = Files.createTempFile(
                    file.getParent(),
                    null,
                    null,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(written, content);
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }
}
