package io.embeddingoperator.runner.failure;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** Why a server did not serve, as a clause: Java's own exceptions often have no words, or those of its libraries. */
public final class ConnectionFault {
    /** What TLS lets a server say of a client's certificate; to say that it misses one, servers of TLS 1.2 have the second. */
    private static final Pattern ALERT_TO_CLIENT =
            Pattern.compile("Received fatal alert: (certificate_required|bad_certificate"
                    + "|unsupported_certificate|certificate_(?:revoked|expired|unknown)|unknown_ca|access_denied)");

    private ConnectionFault() {}

    /** @param asked the address that was asked last */
    public static String clause(Throwable fault, URI asked) {
        List<Throwable> causes = causes(fault);
        String server = "%s:%d".formatted(asked.getHost(), port(asked));
        return of(causes, UnknownHostException.class)
                .or(() -> of(causes, UnresolvedAddressException.class))
                .map(unknown -> "the name %s is not known".formatted(asked.getHost()))
                .or(() -> certificate(causes, server))
                .or(() -> client(causes, server))
                .or(() -> of(causes, SSLException.class)
                        .map(e -> "no encrypted connection to the server %s can be made%s"
                                .formatted(server, e.getMessage() == null ? "" : ", " + e.getMessage())))
                .or(() -> of(causes, ConnectException.class)
                        .or(() -> of(causes, NoRouteToHostException.class))
                        .or(() -> of(causes, TimeoutException.class))
                        .map(e -> "the server %s does not answer".formatted(server)))
                .or(() -> Optional.ofNullable(fault.getMessage()))
                .orElse("the connection to the server %s broke off".formatted(server));
    }

    /** Whether it is the server's certificate, which does not become another one by waiting. */
    public static boolean isOfCertificate(Throwable fault, URI asked) {
        return certificate(causes(fault), asked.getHost()).isPresent();
    }

    /** Whether it is the certificate of this client, which the server refuses or misses. */
    public static boolean isOfClient(Throwable fault) {
        return client(causes(fault), "").isPresent();
    }

    private static Optional<String> client(List<Throwable> causes, String server) {
        return causes.stream()
                .filter(SSLException.class::isInstance)
                .map(e -> ALERT_TO_CLIENT.matcher(String.valueOf(e.getMessage())))
                .filter(Matcher::find)
                .findFirst()
                .map(alert -> alert.group(1).equals("certificate_required")
                        ? "the server %s asks for a certificate of its client, and got none".formatted(server)
                        : "the server %s refuses the certificate of its client (%s)".formatted(server, alert.group(1)));
    }

    private static Optional<String> certificate(List<Throwable> causes, String server) {
        String certificate = "the certificate of the server " + server;
        if (of(causes, CertificateExpiredException.class).isPresent()) {
            return Optional.of(certificate + " has expired");
        }
        return of(causes, CertPathBuilderException.class)
                .or(() -> of(causes, CertPathValidatorException.class))
                .or(() -> of(causes, CertificateException.class))
                .map(e -> isOfAnotherName(e) ? " is for another name" : " is not trusted")
                .map(certificate::concat);
    }

    private static boolean isOfAnotherName(Throwable e) {
        return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).matches("no (subject alternative|name).*");
    }

    private static int port(URI asked) {
        if (asked.getPort() >= 0) {
            return asked.getPort();
        }
        return asked.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    }

    private static List<Throwable> causes(Throwable fault) {
        List<Throwable> causes = new ArrayList<>();
        for (Throwable cause = fault; cause != null && !causes.contains(cause); cause = cause.getCause()) {
            causes.add(cause);
        }
        return causes;
    }

    private static Optional<Throwable> of(List<Throwable> causes, Class<? extends Throwable> type) {
        return causes.stream().filter(type::isInstance).findFirst();
    }
}
