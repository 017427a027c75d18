package io.embeddingoperator.cluster.controlplane;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How each server of the control plane is called. Paths are relative to the control plane's folder, in which all of them run:
 * the path of a socket must be short.
 *
 * @param name the program's name
 * @param line the program's path and its arguments
 */
record ServerCommand(String name, List<String> line) {
    private static final String ETCD = "etcd";
    private static final String API_SERVER = "kube-apiserver";
    private static final String CONTROLLER_MANAGER = "kube-controller-manager";
    private static final String SCHEDULER = "kube-scheduler";
    private static final List<String> NAMES = List.of(ETCD, API_SERVER, CONTROLLER_MANAGER, SCHEDULER);

    /** Where etcd listens, as soon as the file exists. */
    static final Path ETCD_SOCKET_FILE = Path.of("etcd.sock");

    /** The requests that the API server was told to write down, a JSON object a line. */
    static final Path AUDIT_LOG = Path.of("audit.log");

    private static final String ETCD_SOCKET = "unix://" + ETCD_SOCKET_FILE;

    /** What the controller manager says when its slowest controller has begun to work. */
    static final String CONTROLLERS_WORK = "Garbage collector: all resource monitors have synced";

    ServerCommand {
        line = List.copyOf(line);
    }

    /**
     * The store. It listens on sockets in its folder: no port that another program may have, and no access for other users. It
     * does not wait for the disk: a killed process loses nothing by that, only a machine that loses its power.
     */
    static ServerCommand etcd(Path programs) {
        return of(
                programs,
                ETCD,
                "--data-dir=etcd",
                "--listen-client-urls=" + ETCD_SOCKET,
                "--listen-peer-urls=unix://etcd-peer.sock",
                // Has to be a URL with a port, though no other member will ever use it.
                "--advertise-client-urls=http://localhost:2379",
                "--unsafe-no-fsync",
                "--auto-compaction-mode=revision",
                "--auto-compaction-retention=10000",
                "--quota-backend-bytes=" + (4L << 30),
                "--log-level=warn");
    }

    static ServerCommand apiServer(Path programs, int port, ControlPlaneSettings settings) {
        ServerCommand command = of(
                programs,
                API_SERVER,
                "--etcd-servers=" + ETCD_SOCKET,
                "--bind-address=" + settings.address(),
                "--advertise-address=" + settings.address(),
                "--secure-port=" + port,
                // Kubernetes refuses a loopback address as one that pods could reach.
                "--endpoint-reconciler-type=" + (settings.isReachableFromNodes() ? "lease" : "none"),
                "--tls-cert-file=" + PublicKeyInfrastructure.SERVER_CERTIFICATE,
                "--tls-private-key-file=" + PublicKeyInfrastructure.SERVER_KEY,
                "--client-ca-file=" + PublicKeyInfrastructure.AUTHORITY_CERTIFICATE,
                "--authorization-mode=Node,RBAC",
                "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
                "--service-account-key-file=" + PublicKeyInfrastructure.SERVICE_ACCOUNT_KEY,
                "--service-account-signing-key-file=" + PublicKeyInfrastructure.SERVICE_ACCOUNT_KEY,
                "--service-cluster-ip-range=" + PublicKeyInfrastructure.SERVICE_ADDRESSES,
                "--allow-privileged=true",
                // For logs it asks the nodes, which know it by this certificate; their names are known to no name
                // server.
                "--kubelet-client-certificate=" + PublicKeyInfrastructure.NODE_CLIENT_CERTIFICATE,
                "--kubelet-client-key=" + PublicKeyInfrastructure.NODE_CLIENT_KEY,
                "--kubelet-preferred-address-types=InternalIP",
                "--default-not-ready-toleration-seconds="
                        + settings.evictionDelay().toSeconds(),
                "--default-unreachable-toleration-seconds="
                        + settings.evictionDelay().toSeconds());
        return settings.auditPolicy().map(command::withAudit).orElse(command);
    }

    private ServerCommand withAudit(Path policy) {
        List<String> audited = new ArrayList<>(line);
        audited.addAll(List.of("--audit-policy-file=" + policy, "--audit-log-path=" + AUDIT_LOG));
        return new ServerCommand(name, audited);
    }

    static ServerCommand controllerManager(Path programs, Path kubeconfig, ControlPlaneSettings settings) {
        return of(
                programs,
                CONTROLLER_MANAGER,
                "--kubeconfig=" + kubeconfig,
                "--secure-port=0",
                "--leader-elect=false",
                "--use-service-account-credentials=true",
                "--service-account-private-key-file=" + PublicKeyInfrastructure.SERVICE_ACCOUNT_KEY,
                "--root-ca-file=" + PublicKeyInfrastructure.AUTHORITY_CERTIFICATE,
                "--node-monitor-period=" + milliseconds(settings.nodeMonitorPeriod()),
                "--node-monitor-grace-period=" + milliseconds(settings.nodeMonitorGracePeriod()),
                "--kube-api-qps=" + settings.requestsPerSecond(),
                "--kube-api-burst=" + 2 * settings.requestsPerSecond());
    }

    static ServerCommand scheduler(Path programs, Path kubeconfig, ControlPlaneSettings settings) {
        return of(
                programs,
                SCHEDULER,
                "--kubeconfig=" + kubeconfig,
                "--secure-port=0",
                "--leader-elect=false",
                "--kube-api-qps=" + settings.requestsPerSecond(),
                "--kube-api-burst=" + 2 * settings.requestsPerSecond());
    }

    /**
     * Refuses a folder that lacks a program.
     *
     * @throws IllegalArgumentException with its name and what to do
     */
    static void requireAll(Path programs) {
        for (String name : NAMES) {
            if (!Files.isExecutable(programs.resolve(name))) {
                throw new IllegalArgumentException(
                        "%s has no program %s: give the folder that dev/kubernetes ensure prints"
                                .formatted(programs, name));
            }
        }
    }

    private static ServerCommand of(Path programs, String name, String... arguments) {
        List<String> line = new ArrayList<>();
        line.add(programs.resolve(name).toString());
        line.addAll(List.of(arguments));
        return new ServerCommand(name, line);
    }

    private static String milliseconds(Duration duration) {
        return duration.toMillis() + "ms";
    }
}
