package io.embeddingoperator.runner.failure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ConnectionFaultTest {
    private static final URI URL = URI.create("https://models.example.com/m");

    @ParameterizedTest
    @MethodSource
    void everyFaultIsSaidInWords(Throwable fault, String clause) {
        assertThat(ConnectionFault.clause(fault, URL)).isEqualTo(clause);
    }

    static Stream<Arguments> everyFaultIsSaidInWords() {
        String server = "models.example.com:443";
        return Stream.of(
                Arguments.of(new ConnectException(), "the server " + server + " does not answer"),
                Arguments.of(
                        new TimeoutException("The timeout period of 300ms has been exceeded"),
                        "the server " + server + " does not answer"),
                Arguments.of(
                        new ConnectException().initCause(new UnresolvedAddressException()),
                        "the name models.example.com is not known"),
                Arguments.of(new UnknownHostException("x"), "the name models.example.com is not known"),
                Arguments.of(
                        handshake(new CertificateException("PKIX", new CertPathBuilderException("no path"))),
                        "the certificate of the server " + server + " is not trusted"),
                Arguments.of(
                        handshake(new CertificateException("PKIX", new CertificateExpiredException("NotAfter"))),
                        "the certificate of the server " + server + " has expired"),
                Arguments.of(
                        handshake(new CertificateException("No subject alternative DNS name matching a found.")),
                        "the certificate of the server " + server + " is for another name"),
                Arguments.of(
                        new SSLHandshakeException("(certificate_required) Received fatal alert: certificate_required"),
                        "the server " + server + " asks for a certificate of its client, and got none"),
                Arguments.of(
                        new IOException(new SSLHandshakeException("Received fatal alert: unknown_ca")),
                        "the server " + server + " refuses the certificate of its client (unknown_ca)"),
                Arguments.of(
                        new SSLException("Unsupported or unrecognized SSL message"),
                        "no encrypted connection to the server " + server
                                + " can be made, Unsupported or unrecognized SSL message"),
                Arguments.of(new IOException("the server sent too little"), "the server sent too little"),
                Arguments.of(new EOFException(), "the connection to the server " + server + " broke off"));
    }

    private static Throwable handshake(CertificateException cause) {
        return new SSLHandshakeException("(certificate_unknown) PKIX path building failed").initCause(cause);
    }
}
