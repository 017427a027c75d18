package io.embeddingoperator.cluster.controlplane;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The keys and certificates of one control plane: made at its first start and kept in its folder, so that credentials given
 * out before a restart stay good. Keys are RSA because that is what every client reads from a kubeconfig.
 */
final class PublicKeyInfrastructure {
    /** From the first of these addresses the service {@code kubernetes} gets its own. */
    static final String SERVICE_ADDRESSES = "10.0.0.0/24";

    private static final String KUBERNETES_SERVICE_ADDRESS = "10.0.0.1";

    private static final Path FOLDER = Path.of("pki");
    static final Path AUTHORITY_CERTIFICATE = FOLDER.resolve("ca.crt");
    private static final Path AUTHORITY_KEY = FOLDER.resolve("ca.key");
    static final Path SERVER_CERTIFICATE = FOLDER.resolve("apiserver.crt");
    static final Path SERVER_KEY = FOLDER.resolve("apiserver.key");
    static final Path NODE_CLIENT_CERTIFICATE = FOLDER.resolve("apiserver-kubelet-client.crt");
    static final Path NODE_CLIENT_KEY = FOLDER.resolve("apiserver-kubelet-client.key");
    static final Path SERVICE_ACCOUNT_KEY = FOLDER.resolve("service-accounts.key");

    private static final X500Name AUTHORITY = new X500Name("CN=local-cluster");
    private static final Duration CLOCK_SKEW = Duration.ofHours(1);
    private static final Duration VALIDITY = Duration.ofDays(3650);

    private final String authorityCertificate;
    private final PrivateKey authorityKey;

    /**
     * A private key and the certificate for it.
     *
     * @param certificate PEM
     * @param key PEM, PKCS #8
     */
    record Credential(String certificate, String key) {
        @Override
        public String toString() {
            return "Credential[" + certificate + "]";
        }
    }

    private PublicKeyInfrastructure(String authorityCertificate, PrivateKey authorityKey) {
        this.authorityCertificate = authorityCertificate;
        this.authorityKey = authorityKey;
    }

    /**
     * That of the control plane in {@code folder}, made now if there is none yet.
     *
     * @param address where the API server listens
     */
    static PublicKeyInfrastructure of(Path folder, String address) {
        try {
            // The last file to be written: while it is missing, all are made anew.
            if (!Files.exists(folder.resolve(AUTHORITY_CERTIFICATE))) {
                make(folder, address);
            }
            PublicKeyInfrastructure keys = new PublicKeyInfrastructure(
                    Files.readString(folder.resolve(AUTHORITY_CERTIFICATE)),
                    Pem.privateKey(Files.readString(folder.resolve(AUTHORITY_KEY))));
            keys.writeNodeClient(folder);
            return keys;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void make(Path folder, String address) throws IOException {
        if (!Files.isDirectory(folder.resolve(FOLDER))) {
            Files.createDirectory(
                    folder.resolve(FOLDER),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        KeyPair authority = keyPair();
        PublicKeyInfrastructure made = new PublicKeyInfrastructure(
                certificate(
                        AUTHORITY,
                        authority.getPublic(),
                        authority.getPrivate(),
                        Extension.basicConstraints,
                        new BasicConstraints(true)),
                authority.getPrivate());
        KeyPair server = keyPair();
        Files.writeString(folder.resolve(SERVER_CERTIFICATE), made.serverCertificate(server.getPublic(), address));
        Files.writeString(folder.resolve(SERVER_KEY), Pem.of(server.getPrivate()));
        Files.writeString(folder.resolve(SERVICE_ACCOUNT_KEY), Pem.of(keyPair().getPrivate()));
        Files.writeString(folder.resolve(AUTHORITY_KEY), Pem.of(authority.getPrivate()));
        Files.writeString(folder.resolve(AUTHORITY_CERTIFICATE), made.authorityCertificate);
    }

    /** The certificate that the API server shows a node, made at each start: the folder of an earlier version lacks it. */
    private void writeNodeClient(Path folder) throws IOException {
        Credential client = issueFor("kube-apiserver-kubelet-client", List.of("system:masters"));
        Files.writeString(folder.resolve(NODE_CLIENT_CERTIFICATE), client.certificate());
        Files.writeString(folder.resolve(NODE_CLIENT_KEY), client.key());
    }

    /** The certificate, PEM, that the API server's clients trust. */
    String authorityCertificate() {
        return authorityCertificate;
    }

    /** The certificate that states a user's name and groups. */
    Credential issueFor(String user, List<String> groups) {
        X500NameBuilder subject = new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, user);
        groups.forEach(group -> subject.addRDN(BCStyle.O, group));
        KeyPair keys = keyPair();
        return new Credential(
                certificate(
                        subject.build(),
                        keys.getPublic(),
                        authorityKey,
                        Extension.extendedKeyUsage,
                        new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth)),
                Pem.of(keys.getPrivate()));
    }

    private String serverCertificate(PublicKey key, String address) {
        GeneralNames names = new GeneralNames(new GeneralName[] {
            new GeneralName(GeneralName.dNSName, "localhost"),
            new GeneralName(GeneralName.dNSName, "kubernetes"),
            new GeneralName(GeneralName.dNSName, "kubernetes.default"),
            new GeneralName(GeneralName.dNSName, "kubernetes.default.svc"),
            new GeneralName(GeneralName.dNSName, "kubernetes.default.svc.cluster.local"),
            new GeneralName(GeneralName.iPAddress, address),
            new GeneralName(GeneralName.iPAddress, KUBERNETES_SERVICE_ADDRESS)
        });
        return certificate(
                new X500Name("CN=kube-apiserver"), key, authorityKey, Extension.subjectAlternativeName, names);
    }

    private static String certificate(
            X500Name subject, PublicKey key, PrivateKey signer, ASN1ObjectIdentifier extension, ASN1Encodable value) {
        Instant now = Instant.now();
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                AUTHORITY,
                new BigInteger(Long.SIZE, new SecureRandom()),
                Date.from(now.minus(CLOCK_SKEW)),
                Date.from(now.plus(VALIDITY)),
                subject,
                key);
        try {
            X509CertificateHolder signed = builder.addExtension(extension, true, value)
                    .build(new JcaContentSignerBuilder("SHA256withRSA").build(signer));
            return Pem.certificate(signed.getEncoded());
        } catch (CertIOException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
