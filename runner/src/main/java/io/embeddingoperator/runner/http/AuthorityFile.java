package io.embeddingoperator.runner.http;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Certificates of authorities, in PEM, out of a file that a variable of the environment names. */
public final class AuthorityFile {
    private final byte[] pem;

    private AuthorityFile(byte[] pem) {
        this.pem = pem;
    }

    /**
     * Empty where the public authorities do.
     *
     * @param variable names the file
     * @param field of the manifest that means it
     * @param isMeant whether the manifest has that field
     * @throws SpecificationException when authorities are asked for and there is no file of certificates
     */
    public static Optional<AuthorityFile> of(
            Map<String, String> variables, String variable, String field, boolean isMeant) {
        Optional<String> file = Optional.ofNullable(variables.get(variable)).filter(name -> !name.isBlank());
        if (file.isEmpty() && isMeant) {
            throw new SpecificationException(
                    "the environment variable %s is not set: it names the file of the certificates that %s means"
                            .formatted(variable, field));
        }
        return file.map(Path::of).map(path -> read(path, variable));
    }

    public byte[] pem() {
        return pem.clone();
    }

    /** Trust in these authorities, and in no others. */
    public TrustManager[] trust() {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Certificate authority : certificates(pem)) {
                store.setCertificateEntry(Integer.toString(store.size()), authority);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            return trust.getTrustManagers();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("certificates that were read once can be read again", e);
        }
    }

    private static AuthorityFile read(Path file, String variable) {
        try {
            byte[] pem = Files.readAllBytes(file);
            if (certificates(pem).isEmpty()) {
                throw new SpecificationException(refusal(file, variable, "holds no certificate"));
            }
            return new AuthorityFile(pem);
        } catch (IOException e) {
            throw new SpecificationException(refusal(file, variable, "cannot be read"), e);
        } catch (CertificateException e) {
            throw new SpecificationException(refusal(file, variable, "holds something else than certificates"), e);
        }
    }

    private static Collection<? extends Certificate> certificates(byte[] pem) throws CertificateException {
        return CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem));
    }

    private static String refusal(Path file, String variable, String what) {
        return "the file %s, which %s names, %s: give the certificates of your authorities in PEM"
                .formatted(file, variable, what);
    }
}
