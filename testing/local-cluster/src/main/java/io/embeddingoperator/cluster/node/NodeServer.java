package io.embeddingoperator.cluster.node;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiFunction;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of a kubelet's API that {@code kubectl logs} asks for, through the API server:
 * {@code /containerLogs/NAMESPACE/POD/CONTAINER}. The API server has checked what each user may read, so it is the only client that the node answers.
 */
final class NodeServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeServer.class);
    private static final String PATH = "/containerLogs/";

    /** The group whose members may do everything: the certificate that the API server shows a kubelet names it. */
    private static final String MASTERS = "O=system:masters";

    private final HttpsServer server;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

    private NodeServer(HttpsServer server) {
        this.server = server;
    }

    /**
     * Starts to answer at a port that is free.
     *
     * @param pods finds a pod of this node by namespace and name
     */
    static NodeServer start(SSLContext context, BiFunction<String, String, Optional<PodWorker>> pods) {
        try {
            NodeServer server = new NodeServer(HttpsServer.create(new InetSocketAddress(NodeServices.ADDRESS, 0), 0));
            server.server.setHttpsConfigurator(new OnlyKnownClients(context));
            server.server.setExecutor(server.executor);
            server.server.createContext(PATH, exchange -> answer(exchange, pods));
            server.server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException("a node cannot listen on " + NodeServices.ADDRESS, e);
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange, BiFunction<String, String, Optional<PodWorker>> pods) {
        try (exchange) {
            String[] names =
                    exchange.getRequestURI().getPath().substring(PATH.length()).split("/");
            if (!isApiServer((HttpsExchange) exchange)) {
                refuse(exchange, HttpURLConnection.HTTP_FORBIDDEN, "Forbidden");
            } else if (names.length != 3) {
                refuse(exchange, HttpURLConnection.HTTP_BAD_REQUEST, PATH + "NAMESPACE/POD/CONTAINER is what is there");
            } else {
                Optional<PodWorker> pod = pods.apply(names[0], names[1]);
                if (pod.isEmpty()) {
                    refuse(exchange, HttpURLConnection.HTTP_NOT_FOUND, "pod \"" + names[1] + "\" is not on this node");
                } else {
                    write(exchange, names[2], pod.get());
                }
            }
        } catch (IOException gone) {
            LOG.debug("who read a log has gone: {}", gone.getMessage());
        }
    }

    private static void write(HttpExchange exchange, String container, PodWorker pod) throws IOException {
        ContainerLog log;
        try {
            log = pod.log(LogRequest.of(container, exchange.getRequestURI().getRawQuery()));
        } catch (IllegalArgumentException unanswerable) {
            refuse(exchange, HttpURLConnection.HTTP_BAD_REQUEST, unanswerable.getMessage());
            return;
        }
        exchange.getResponseHeaders().set("Content-Type", "text/plain");
        exchange.sendResponseHeaders(HttpURLConnection.HTTP_OK, 0);
        try {
            log.writeTo(exchange.getResponseBody());
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isApiServer(HttpsExchange exchange) {
        try {
            return exchange.getSSLSession().getPeerPrincipal().getName().contains(MASTERS);
        } catch (SSLPeerUnverifiedException unidentified) {
            return false;
        }
    }

    private static void refuse(HttpExchange exchange, int code, String sentence) throws IOException {
        byte[] text = sentence.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(code, text.length);
        exchange.getResponseBody().write(text);
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }

    /** Accepts only clients with a certificate of the cluster. */
    private static final class OnlyKnownClients extends HttpsConfigurator {
        private OnlyKnownClients(SSLContext context) {
            super(context);
        }

        @Override
        public void configure(HttpsParameters connection) {
            SSLParameters parameters = getSSLContext().getDefaultSSLParameters();
            parameters.setNeedClientAuth(true);
            connection.setSSLParameters(parameters);
        }
    }
}
