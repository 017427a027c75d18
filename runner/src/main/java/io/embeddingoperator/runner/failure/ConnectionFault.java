package io.embeddingoperator.runner.failure;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Why a server did not serve, as a clause: Java's own exceptions often have no words, or those of its libraries. */
public final class ConnectionFault {
    private ConnectionFault() {}

    /** @param asked the address that was asked last */
    public static String clause(Throwable fault, URI asked) {
        List<Throwable> causes = causes(fault);
        String server = "%s:%d".formatted(asked.getHost(), port(asked));
        return of(causes, UnknownHostException.class)
                .or(() -> of(causes, UnresolvedAddressException.class))
                .map(unknown -> "the name %s is not known".formatted(asked.getHost()))
                .or(() -> certificate(causes, server))
                .or(() -> of(causes, SSLException.class)
                        .map(e -> "no encrypted connection to the server %s can be made%s"
                                .formatted(server, e.getMessage() == null ? "" : ", " + e.getMessage())))
                .or(() -> of(causes, ConnectException.class)
                        .or(() -> of(causes, NoRouteToHostException.class))
                        .or(() -> of(causes, HttpTimeoutException.class))
                        .map(e -> "the server %s does not answer".formatted(server)))
                .or(() -> Optional.ofNullable(fault.getMessage()))
                .orElse("the connection to the server %s broke off".formatted(server));
    }

    /** Whether it is the server's certificate, which does not become another one by waiting. */
    public static boolean isOfCertificate(Throwable fault, URI asked) {
        return certificate(causes(fault), asked.getHost()).isPresent();
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
