package io.embeddingoperator.cluster.controlplane;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;

/** The API server and its address, which stays the same over restarts unless another program has taken its port. */
final class ApiServer {
    private static final int ATTEMPTS = 5;

    /** It would wait a minute for clients that watch. */
    private static final Duration PATIENCE_WITH_WATCHES = Duration.ofSeconds(2);

    private final Path programs;
    private final Path folder;
    private final ControlPlaneSettings settings;
    private final PublicKeyInfrastructure keys;
    private final ServerProcess etcd;

    private int port;
    private ServerProcess process;

    ApiServer(
            Path programs,
            Path folder,
            ControlPlaneSettings settings,
            PublicKeyInfrastructure keys,
            ServerProcess etcd) {
        this.programs = programs;
        this.folder = folder;
        this.settings = settings;
        this.keys = keys;
        this.etcd = etcd;
        this.port = lastPort();
    }

    /** Starts it for the first time, at the port of before or at another one; returns when it is ready. */
    void start() {
        for (int attempt = 1; ; attempt++) {
            try {
                startAgain();
                rememberPort();
                return;
            } catch (IllegalStateException e) {
                process.kill();
                if (attempt == ATTEMPTS || !process.hasSaid("address already in use")) {
                    throw e;
                }
                port = FreePort.find(settings.address());
            }
        }
    }

    /** Starts it, which has ended, at the same port; returns when it is ready. */
    void startAgain() {
        process = ServerProcess.start(ServerCommand.apiServer(programs, port, settings), folder);
        try (KubernetesClient probe = probe()) {
            Patience.await("the API server was ready", List.of(etcd, process), () -> isReady(probe.getHttpClient()));
        }
    }

    /** A client without a user, as a load balancer is, and without retries of its own, which would come ever more slowly. */
    private KubernetesClient probe() {
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(Config.empty())
                        .withMasterUrl(kubeconfig().server())
                        .withCaCertData(kubeconfig().authorityCertificateData())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
    }

    private boolean isReady(HttpClient probe) {
        HttpRequest request = probe.newHttpRequestBuilder()
                .uri(kubeconfig().server() + "/readyz")
                .build();
        try {
            return probe.sendAsync(request, String.class).get().isSuccessful();
        } catch (ExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    Kubeconfig kubeconfig() {
        return new Kubeconfig("https://" + settings.address() + ":" + port, keys.authorityCertificate());
    }

    /** Ends it at once, as a crash would. */
    void kill() {
        process.kill();
    }

    /** Ends it in an orderly way, if it runs: requests under way are answered, watches are cut. */
    void stop() {
        if (process != null) {
            process.terminate();
            process.awaitEnd(PATIENCE_WITH_WATCHES);
        }
    }

    private int lastPort() {
        try {
            return Files.exists(portFile())
                    ? Integer.parseInt(Files.readString(portFile()))
                    : FreePort.find(settings.address());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void rememberPort() {
        try {
            Files.writeString(portFile(), Integer.toString(port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path portFile() {
        return folder.resolve("port");
    }
}
