package io.embeddingoperator.cluster.controlplane;

import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole Kubernetes control plane as processes of this machine: etcd, API server, controller manager and scheduler, with
 * every default of Kubernetes for admission, features and authorization. It has no node; any number of them run side by side.
 *
 * <p>Everything lives in one folder: data, keys, logs. A later start in the same folder finds its objects again, and
 * credentials given out before stay good. The processes end when this is closed, and also when the JVM is killed.
 */
public final class ControlPlane implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);

    private static final String ADMINISTRATOR = "admin";

    private static final Duration PATIENCE_WITH_STOPPING = Duration.ofSeconds(10);
    private static final Duration TOKEN_VALIDITY = Duration.ofDays(1);

    private final Path programs;
    private final Path folder;
    private final ControlPlaneSettings settings;
    private final FolderLock lock;
    private final PublicKeyInfrastructure keys;
    private final List<ServerProcess> controllers = new ArrayList<>();

    private ServerProcess etcd;
    private ApiServer apiServer;
    private KubernetesClient client;

    private ControlPlane(Path programs, Path folder, ControlPlaneSettings settings, FolderLock lock) {
        this.programs = programs;
        this.folder = folder;
        this.settings = settings;
        this.lock = lock;
        this.keys = PublicKeyInfrastructure.of(folder, settings.address());
    }

    /** Starts a control plane that reacts quickly, see {@link ControlPlaneSettings#quick}. */
    public static ControlPlane start(Path binaries, Path folder) {
        return start(binaries, folder, ControlPlaneSettings.quick());
    }

    /**
     * Starts a control plane.
     *
     * @param binaries the folder with the servers' programs, as {@code dev/kubernetes ensure} prints it
     * @param folder where all of it lives; made if need be, and used by one control plane at a time
     * @return a control plane that answers, whose controllers work and whose namespace {@code default} takes pods
     * @throws IllegalStateException if it does not start; the message has the last lines of the log that tells why
     */
    public static ControlPlane start(Path binaries, Path folder, ControlPlaneSettings settings) {
        Path programs = binaries.toAbsolutePath();
        ServerCommand.requireAll(programs);
        Path home = folder.toAbsolutePath();
        try {
            Files.createDirectories(home.resolve("kubeconfig"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        FolderLock lock = FolderLock.of(home);
        try {
            ControlPlane controlPlane = new ControlPlane(programs, home, settings, lock);
            controlPlane.startServers();
            return controlPlane;
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private void startServers() {
        try {
            startEtcd();
            apiServer = new ApiServer(programs, folder, settings, keys, etcd);
            apiServer.start();
            writeKubeconfig(ADMINISTRATOR, List.of("system:masters"));
            client = new KubernetesClientBuilder()
                    .withConfig(Config.fromKubeconfig(kubeconfig().toFile()))
                    .build();
            startControllers();
            LOG.info(
                    "Kubernetes answers at {}; its data and logs are in {}",
                    client.getConfiguration().getMasterUrl(),
                    folder);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void startEtcd() {
        Path socket = folder.resolve(ServerCommand.ETCD_SOCKET_FILE);
        try {
            Files.deleteIfExists(socket); // Left by one that was killed.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        etcd = ServerProcess.start(ServerCommand.etcd(programs), folder);
        Patience.await("etcd listened", List.of(etcd), () -> Files.exists(socket));
    }

    private void startControllers() {
        ServerProcess manager = ServerProcess.start(
                ServerCommand.controllerManager(
                        programs, writeKubeconfig("system:kube-controller-manager", List.of()), settings),
                folder);
        controllers.add(manager);
        controllers.add(ServerProcess.start(
                ServerCommand.scheduler(programs, writeKubeconfig("system:kube-scheduler", List.of()), settings),
                folder));
        Patience.await("the controllers worked", controllers, () -> manager.hasSaid(ServerCommand.CONTROLLERS_WORK));
        // Without it, the namespace refuses pods.
        Patience.await(
                "the default service account was made",
                controllers,
                () -> client.serviceAccounts()
                                .inNamespace("default")
                                .withName("default")
                                .get()
                        != null);
    }

    /** The kubeconfig of a cluster administrator, who may do everything. */
    public Path kubeconfig() {
        return kubeconfigFile(ADMINISTRATOR);
    }

    /**
     * Writes a kubeconfig for a user whose certificate states the user's name and groups. The user may do what the cluster's
     * roles allow.
     */
    public Path kubeconfigFor(String user, List<String> groups) {
        return writeKubeconfig(user, groups);
    }

    /**
     * Writes a kubeconfig for a service account, with a token as its pods get one, good for a day. It may do what the
     * cluster's roles allow it.
     *
     * @param namespace the namespace of the account
     * @param name the account, which has to exist
     */
    public Path kubeconfigForServiceAccount(String namespace, String name) {
        TokenRequest answer = client.serviceAccounts()
                .inNamespace(namespace)
                .withName(name)
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withExpirationSeconds(TOKEN_VALIDITY.toSeconds())
                        .endSpec()
                        .build());
        String user = "system:serviceaccount:" + namespace + ":" + name;
        Path file = kubeconfigFile(user);
        apiServer.kubeconfig().write(file, user, answer.getStatus().getToken());
        return file;
    }

    /** What clients and nodes know the API server's certificate by, PEM. */
    public Path authorityCertificate() {
        return folder.resolve(PublicKeyInfrastructure.AUTHORITY_CERTIFICATE);
    }

    /** The requests that {@link ControlPlaneSettings#auditPolicy} asks for, a JSON object a line. */
    public Path auditLog() {
        return folder.resolve(ServerCommand.AUDIT_LOG);
    }

    /** A client with the rights of a cluster administrator; closed with the control plane. */
    public KubernetesClient client() {
        return client;
    }

    /** Ends the API server at once, as a crash would. Nothing answers until {@link #restartApiServer}. */
    public void killApiServer() {
        apiServer.kill();
    }

    /** Starts the API server again at the same address, after ending it in an orderly way if it runs; returns when it is ready. */
    public void restartApiServer() {
        apiServer.stop();
        apiServer.startAgain();
        // A controller that called the API server while it was starting may have ended, and is started again here.
        controllers.replaceAll(ServerProcess::revived);
    }

    /** Ends all processes. The folder keeps the cluster for another start. */
    @Override
    public void close() {
        if (client != null) {
            client.close();
        }
        controllers.forEach(ServerProcess::terminate);
        controllers.forEach(controller -> controller.awaitEnd(PATIENCE_WITH_STOPPING));
        if (apiServer != null) {
            apiServer.stop();
        }
        if (etcd != null) {
            etcd.terminate();
            etcd.awaitEnd(PATIENCE_WITH_STOPPING);
        }
        lock.close();
    }

    private Path writeKubeconfig(String user, List<String> groups) {
        Path file = kubeconfigFile(user);
        apiServer.kubeconfig().write(file, user, keys.issueFor(user, groups));
        return file;
    }

    private Path kubeconfigFile(String user) {
        return folder.resolve("kubeconfig").resolve(user.replaceAll("[^A-Za-z0-9.-]", "_") + ".yaml");
    }
}
