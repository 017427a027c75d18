package io.embeddingoperator.cluster.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.cluster.controlplane.TestingControlPlane;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.EnvVarSourceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pods on a node, as the real API server, scheduler and garbage collector see them. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class LocalNodeIT {
    @TempDir
    static Path folder;

    private static KubernetesClient client;
    private static LocalNode node;

    private TestingPods pods;

    @BeforeAll
    static void join() throws IOException {
        client = TestingControlPlane.shared().client();
        Path model = Files.createDirectories(folder.resolve("model"));
        Files.writeString(model.resolve("model.onnx"), "weights");
        node = LocalNode.join(
                client,
                NodeSettings.of("node-of-pods", folder.resolve("node"))
                        .withImage(TestingPods.IMAGE, TestingPods.BASH)
                        .withImageVolume("example.org/model:1", model)
                        .withExtendedResource("nvidia.com/gpu", "1"));
    }

    @AfterAll
    static void leave() {
        node.close();
        assertThat(client.nodes().withName("node-of-pods").get()).isNull();
    }

    @BeforeEach
    void takeNamespace() {
        pods = TestingPods.inNewNamespace();
    }

    @Test
    void aPodReadsItsConfigMapAndSecretAndLeavesAMessage() {
        // given
        configMap("config", "embeddingjob.yaml", "kind: EmbeddingJob");
        secret("vectors", "uri", "postgres://secret");

        // when
        pods.create(
                "reader",
                "echo \"$(cat /etc/embedding-operator/embeddingjob.yaml), $URI, $WHERE\" >/dev/termination-log",
                spec -> withConfigMap(withVariable(
                        withVariable(spec, "URI", secretKey("vectors", "uri")),
                        "WHERE",
                        new EnvVarSourceBuilder()
                                .withNewFieldRef("v1", "status.podIP")
                                .build())));

        // then
        Pod pod = pods.awaitPhase("reader", "Succeeded");
        assertThat(TestingPods.end(pod))
                .extracting(
                        ContainerStateTerminated::getExitCode,
                        ContainerStateTerminated::getReason,
                        ContainerStateTerminated::getMessage)
                .containsExactly(
                        0,
                        "Completed",
                        "kind: EmbeddingJob, postgres://secret, "
                                + pod.getStatus().getPodIP() + "\n");
        assertThat(pod.getStatus().getPodIPs())
                .extracting(PodIP::getIp)
                .singleElement()
                .asString()
                .startsWith("127.");
        assertThat(pod.getStatus().getStartTime()).isNotNull();
        assertThat(pods.eventMessages("reader", "Started")).containsExactly("Started container main");
    }

    @Test
    void aFailedPodKeepsItsExitCodeAndTheEndOfItsLog() {
        // when
        pods.create(
                "failing",
                "echo 'spec.source: no such table' >&2; exit 64",
                spec -> spec.editFirstContainer()
                        .withTerminationMessagePolicy("FallbackToLogsOnError")
                        .endContainer());

        // then
        Pod pod = pods.awaitPhase("failing", "Failed");
        assertThat(TestingPods.end(pod).getExitCode()).isEqualTo(64);
        assertThat(TestingPods.end(pod).getReason()).isEqualTo("Error");
        assertThat(TestingPods.end(pod).getMessage()).isEqualTo("spec.source: no such table\n");
    }

    @Test
    void aDeletedPodHasItsTimeToEndAndItsLastStatusIsSeen() {
        // given a pod that checkpoints, held back by a finalizer so that its end can be seen
        create(heldBack(
                "polite",
                "trap 'echo checkpoint >/dev/termination-log; exit 143' TERM; "
                        + "echo up; while :; do sleep 0.1; done"));
        awaitLog("polite", "up");

        // when
        client.pods().inNamespace(pods.namespace()).withName("polite").delete();

        // then
        ContainerStateTerminated end = pods.awaitEnd("polite");
        assertThat(end.getExitCode()).isEqualTo(143);
        assertThat(end.getMessage()).isEqualTo("checkpoint\n");
        assertThat(pods.awaitPhase("polite", "Failed").getMetadata().getDeletionTimestamp())
                .isNotNull();
        release("polite");
        pods.awaitGone("polite");
    }

    @Test
    void aPodThatDoesNotEndInItsTimeIsKilled() {
        // given a pod that hears no SIGTERM
        create(heldBack("stubborn", "trap '' TERM; echo up; while :; do sleep 0.1; done"));
        awaitLog("stubborn", "up");

        // when
        client.pods()
                .inNamespace(pods.namespace())
                .withName("stubborn")
                .withGracePeriod(1)
                .delete();

        // then
        assertThat(pods.awaitEnd("stubborn").getExitCode()).isEqualTo(137);
        release("stubborn");
        pods.awaitGone("stubborn");
    }

    @Test
    void aPodDeletedByForceIsGoneAtOnceAndSoIsItsProcess() throws Exception {
        // given
        pods.create("forced", "trap '' TERM; echo up; sleep 8642.5");
        awaitLog("forced", "up");

        // when
        client.pods()
                .inNamespace(pods.namespace())
                .withName("forced")
                .withGracePeriod(0)
                .delete();

        // then
        pods.awaitGone("forced");
        while (isRunning("sleep 8642.5")) {
            Thread.sleep(10);
        }
    }

    @Test
    void aMissingSecretHoldsAPodBackUntilItIsThere() {
        // given
        pods.create("patient", "exit 0", spec -> withVariable(spec, "URI", secretKey("vectors", "uri")));
        assertThat(pods.awaitWaiting("patient", "CreateContainerConfigError").getMessage())
                .isEqualTo("secret \"vectors\" not found");

        // when the Secret comes without the key, then with it
        secret("vectors", "password", "x");
        String message = "couldn't find key uri in Secret " + pods.namespace() + "/vectors";
        pods.await(
                "patient",
                pod -> message.equals(pod.getStatus()
                        .getContainerStatuses()
                        .getFirst()
                        .getState()
                        .getWaiting()
                        .getMessage()));
        client.secrets()
                .inNamespace(pods.namespace())
                .withName("vectors")
                .edit(secret -> new SecretBuilder(secret)
                        .addToStringData("uri", "postgres://secret")
                        .build());

        // then
        pods.awaitPhase("patient", "Succeeded");
        assertThat(pods.eventMessages("patient", "Failed")).contains("Error: secret \"vectors\" not found");
    }

    @Test
    void aMissingConfigMapKeepsItsVolumeFromBeingMounted() {
        // given
        pods.create("mounting", "exit 0", LocalNodeIT::withConfigMap);
        pods.await(
                "mounting",
                pod -> !pods.eventMessages("mounting", "FailedMount").isEmpty());
        assertThat(pods.eventMessages("mounting", "FailedMount"))
                .containsExactly("MountVolume.SetUp failed for volume \"config\" : configmap \"config\" not found");
        assertThat(pods.awaitWaiting("mounting", "ContainerCreating")).isNotNull();

        // when
        configMap("config", "embeddingjob.yaml", "kind: EmbeddingJob");

        // then
        pods.awaitPhase("mounting", "Succeeded");
    }

    @Test
    void anImageThatTheNodeDoesNotHaveCannotBePulled() {
        // when
        pods.create(
                "misspelt",
                "",
                spec -> spec.editFirstContainer()
                        .withImage("example.org/embeding-runner:1")
                        .endContainer());

        // then
        assertThat(pods.awaitWaiting("misspelt", "ErrImagePull").getMessage())
                .contains("example.org/embeding-runner:1: not found");
        assertThat(pods.awaitWaiting("misspelt", "ImagePullBackOff").getMessage())
                .startsWith("Back-off pulling image \"example.org/embeding-runner:1\"");

        // and when it is deleted
        client.pods().inNamespace(pods.namespace()).withName("misspelt").delete();

        // then
        pods.awaitGone("misspelt");
    }

    @Test
    void aKilledPodSays137() {
        // given
        pods.create("killed", "echo up; sleep 600");
        pods.create("starved", "echo up; sleep 600");
        pods.awaitPhase("killed", "Running");
        pods.awaitPhase("starved", "Running");

        // when
        node.kill(pods.namespace(), "killed");
        node.killForMemory(pods.namespace(), "starved");

        // then
        assertThat(pods.awaitEnd("killed"))
                .extracting(ContainerStateTerminated::getExitCode, ContainerStateTerminated::getReason)
                .containsExactly(137, "Error");
        assertThat(pods.awaitEnd("starved"))
                .extracting(ContainerStateTerminated::getExitCode, ContainerStateTerminated::getReason)
                .containsExactly(137, "OOMKilled");
    }

    @Test
    void aSecondPodWaitsForTheOnlyGpu() {
        // given
        pods.create("first", "echo up; sleep 600", LocalNodeIT::withGpu);
        pods.awaitPhase("first", "Running");
        pods.create("second", "exit 0", LocalNodeIT::withGpu);
        pods.await(
                "second",
                pod -> pod.getStatus().getConditions().stream()
                        .anyMatch(condition -> "Unschedulable".equals(condition.getReason())
                                && condition.getMessage().contains("Insufficient nvidia.com/gpu")));

        // when
        node.kill(pods.namespace(), "first");

        // then
        pods.awaitPhase("second", "Succeeded");
    }

    @Test
    void onlyMountsAreWritable() throws Exception {
        // given a claim bound to a folder of this machine, an image volume and a scratch folder
        Path corpus = FileTree.folder(folder.resolve("corpus"), 0777);
        Files.writeString(corpus.resolve("a.ndjson"), "{}");
        String claim = claimOn(corpus);

        // when
        pods.create(
                "writer",
                """
                cat /source/a.ndjson /model/model.onnx
                for place in / /etc /var/tmp /source /model; do
                    echo x 2>/dev/null >$place/written && echo "wrote to $place"
                done
                echo scratch >/tmp/scratch && cat /tmp/scratch
                exit 3
                """,
                spec -> spec.addNewVolume()
                        .withName("source")
                        .withNewPersistentVolumeClaim(claim, true)
                        .endVolume()
                        .addNewVolume()
                        .withName("model")
                        .withNewImage("IfNotPresent", "example.org/model:1")
                        .endVolume()
                        .addNewVolume()
                        .withName("scratch")
                        .withNewEmptyDir()
                        .endEmptyDir()
                        .endVolume()
                        .editFirstContainer()
                        .withTerminationMessagePolicy("FallbackToLogsOnError")
                        .addNewVolumeMount()
                        .withName("source")
                        .withMountPath("/source")
                        .withReadOnly(true)
                        .endVolumeMount()
                        .addNewVolumeMount()
                        .withName("model")
                        .withMountPath("/model")
                        .endVolumeMount()
                        .addNewVolumeMount()
                        .withName("scratch")
                        .withMountPath("/tmp")
                        .endVolumeMount()
                        .endContainer());

        // then
        assertThat(pods.awaitEnd("writer").getMessage()).isEqualTo("{}weightsscratch\n");
    }

    @Test
    void aPodSpeaksWithTheApiServerAsItsServiceAccount() {
        // when
        pods.create(
                "client",
                """
                account=/var/run/secrets/kubernetes.io/serviceaccount
                curl --silent --fail-with-body --cacert $account/ca.crt \
                    --header "Authorization: Bearer $(cat $account/token)" \
                    --data '{"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}' \
                    --header 'Content-Type: application/json' \
                    https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT/apis/authentication.k8s.io/v1/selfsubjectreviews
                cat $account/namespace
                exit 1
                """,
                spec -> spec.withAutomountServiceAccountToken(true)
                        .editFirstContainer()
                        .withTerminationMessagePolicy("FallbackToLogsOnError")
                        .endContainer());

        // then
        assertThat(pods.awaitEnd("client").getMessage())
                .contains("system:serviceaccount:" + pods.namespace() + ":default", "client")
                .endsWith(pods.namespace() + "\n");
    }

    @Test
    void aPodIsReadyWhenItsProbeSaysSoAndStartedAgainWhenItIsDead() throws Exception {
        // given a server whose answers are files, and a probe of each kind
        pods.create(
                "server",
                "cd /tmp && touch alive && python3 -m http.server --bind $POD_IP 8080",
                spec -> withVariable(
                        spec.withRestartPolicy("Always")
                                .addNewVolume()
                                .withName("tmp")
                                .withNewEmptyDir()
                                .endEmptyDir()
                                .endVolume()
                                .editFirstContainer()
                                .addNewVolumeMount()
                                .withName("tmp")
                                .withMountPath("/tmp")
                                .endVolumeMount()
                                .addNewPort()
                                .withName("http")
                                .withContainerPort(8080)
                                .endPort()
                                .withNewReadinessProbe()
                                .withPeriodSeconds(1)
                                .withNewHttpGet()
                                .withPath("/ready")
                                .withNewPort("http")
                                .endHttpGet()
                                .endReadinessProbe()
                                .withNewLivenessProbe()
                                .withPeriodSeconds(1)
                                .withInitialDelaySeconds(3)
                                .withNewHttpGet()
                                .withPath("/alive")
                                .withNewPort(8080)
                                .endHttpGet()
                                .endLivenessProbe()
                                .endContainer(),
                        "POD_IP",
                        new EnvVarSourceBuilder()
                                .withNewFieldRef("v1", "status.podIP")
                                .build()));
        Pod running = pods.awaitPhase("server", "Running");
        assertThat(TestingPods.isReady(running)).isFalse();
        Path scratch = folder.resolve("node/pods/" + running.getMetadata().getUid() + "/volumes/tmp");

        // when
        Files.createFile(scratch.resolve("ready"));

        // then
        pods.await("server", TestingPods::isReady);

        // and when it is dead
        Files.delete(scratch.resolve("alive"));

        // then it is started again, after a pause
        Pod restarted = pods.await(
                "server",
                pod -> pod.getStatus().getContainerStatuses().getFirst().getRestartCount() == 1);
        assertThat(restarted
                        .getStatus()
                        .getContainerStatuses()
                        .getFirst()
                        .getLastState()
                        .getTerminated())
                .isNotNull();
        assertThat(kubectlLogs("server", "--previous")).contains("\"GET /alive HTTP/1.1\" 404");
        assertThat(pods.eventMessages("server", "Killing"))
                .contains("Container main failed liveness probe, will be restarted");
    }

    @Test
    void itsUsersReadWhatAPodSays() throws Exception {
        // given a pod that says something, now and when it is asked to end
        create(heldBack(
                "talking", "echo one; echo two; echo up; trap 'echo down; exit 0' TERM; while :; do sleep 0.1; done"));
        awaitLog("talking", "up");

        // then
        assertThat(kubectlLogs("talking")).isEqualTo("one\ntwo\nup\n");
        assertThat(kubectlLogs("talking", "--tail=1")).isEqualTo("up\n");
        assertThat(kubectlLogs("talking", "--previous"))
                .contains("previous terminated container \"main\" in pod \"talking\" not found");
        assertThat(kubectlLogs("talking", "--timestamps")).contains("not when they said it");

        // when a user follows it to its end
        Process following = kubectl("logs", "-f", "talking", "--tail=1");
        var reader = following.inputReader();
        assertThat(reader.readLine()).isEqualTo("up");
        client.pods().inNamespace(pods.namespace()).withName("talking").delete();

        // then
        assertThat(reader.readLine()).isEqualTo("down");
        assertThat(reader.readLine()).isNull();
        assertThat(following.waitFor()).isZero();

        // and what it said stays as long as the pod
        pods.awaitPhase("talking", "Succeeded");
        assertThat(kubectlLogs("talking")).isEqualTo("one\ntwo\nup\ndown\n");
        release("talking");
        pods.awaitGone("talking");
    }

    @Test
    void noClientButTheApiServerReadsItFromTheNode() throws Exception {
        // given a user who may do nothing, with a certificate of the cluster
        Path kubeconfig = TestingControlPlane.shared().kubeconfigFor("stranger", List.of());
        int port = client.nodes()
                .withName("node-of-pods")
                .get()
                .getStatus()
                .getDaemonEndpoints()
                .getKubeletEndpoint()
                .getPort();
        String url = "https://127.0.0.1:%d/containerLogs/default/any/main".formatted(port);
        Config stranger = new ConfigBuilder(Config.fromKubeconfig(kubeconfig.toFile()))
                .withTrustCerts(true)
                .withMasterUrl("https://127.0.0.1:" + port)
                .build();

        // then
        try (KubernetesClient asStranger =
                new KubernetesClientBuilder().withConfig(stranger).build()) {
            var http = asStranger.getHttpClient();
            assertThat(http.sendAsync(http.newHttpRequestBuilder().uri(url).build(), String.class)
                            .get()
                            .code())
                    .isEqualTo(403);
        }
    }

    @Test
    void anInitContainerRunsFirstAndItsFailureIsThePods() {
        // when
        pods.create("prepared", "cat /tmp/model; exit 3", spec -> withInitContainer(spec, "echo model >/tmp/model"));
        pods.create("unprepared", "exit 0", spec -> withInitContainer(spec, "exit 75"));

        // then
        assertThat(pods.awaitEnd("prepared").getMessage()).isEqualTo("model\n");
        Pod unprepared = pods.awaitPhase("unprepared", "Failed");
        assertThat(unprepared
                        .getStatus()
                        .getInitContainerStatuses()
                        .getFirst()
                        .getState()
                        .getTerminated()
                        .getExitCode())
                .isEqualTo(75);
    }

    /** What a user of kubectl sees. */
    private String kubectlLogs(String pod, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("logs", pod));
        arguments.addAll(List.of(options));
        Process kubectl = kubectl(arguments.toArray(String[]::new));
        String text = new String(kubectl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        kubectl.waitFor();
        return text;
    }

    private Process kubectl(String... arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                TestingControlPlane.PROGRAMS.resolve("kubectl").toString(),
                "--kubeconfig",
                TestingControlPlane.shared().kubeconfig().toString(),
                "--namespace",
                pods.namespace()));
        line.addAll(List.of(arguments));
        return new ProcessBuilder(line).redirectErrorStream(true).start();
    }

    private Pod heldBack(String name, String script) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .addToFinalizers("example.org/hold")
                .endMetadata()
                .withSpec(TestingPods.spec(script))
                .build();
    }

    private void create(Pod pod) {
        client.pods().inNamespace(pods.namespace()).resource(pod).create();
    }

    private void release(String name) {
        client.pods()
                .inNamespace(pods.namespace())
                .withName(name)
                .edit(pod -> new PodBuilder(pod)
                        .editMetadata()
                        .withFinalizers()
                        .endMetadata()
                        .build());
    }

    /** A process that is PID 1 does not hear SIGTERM before it said what to do with it. */
    private void awaitLog(String name, String text) {
        pods.await(name, pod -> "Running".equals(pod.getStatus().getPhase()));
        Path log = node.logs(pods.namespace(), name).resolve("main/0.log");
        pods.await(name, pod -> contains(log, text));
    }

    private static boolean contains(Path log, String text) {
        try {
            while (!Files.readString(log).contains(text)) {
                Thread.sleep(10);
            }
            return true;
        } catch (IOException | InterruptedException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private static boolean isRunning(String command) {
        return ProcessHandle.allProcesses()
                .flatMap(process -> process.info().commandLine().stream())
                .anyMatch(line -> line.endsWith(command));
    }

    private void configMap(String name, String key, String value) {
        client.configMaps()
                .inNamespace(pods.namespace())
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .addToData(key, value)
                        .build())
                .create();
    }

    private void secret(String name, String key, String value) {
        client.secrets()
                .inNamespace(pods.namespace())
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .addToStringData(key, value)
                        .build())
                .create();
    }

    private String claimOn(Path path) {
        client.persistentVolumes()
                .resource(new PersistentVolumeBuilder()
                        .withNewMetadata()
                        .withName("corpus")
                        .endMetadata()
                        .withNewSpec()
                        .withStorageClassName("by-hand")
                        .addToCapacity("storage", Quantity.parse("1Gi"))
                        .withAccessModes("ReadWriteMany")
                        .withNewHostPath(path.toString(), "Directory")
                        .endSpec()
                        .build())
                .create();
        client.persistentVolumeClaims()
                .inNamespace(pods.namespace())
                .resource(new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withName("corpus")
                        .endMetadata()
                        .withNewSpec()
                        .withStorageClassName("by-hand")
                        .withVolumeName("corpus")
                        .withAccessModes("ReadWriteMany")
                        .withNewResources()
                        .addToRequests("storage", Quantity.parse("1Gi"))
                        .endResources()
                        .endSpec()
                        .build())
                .create();
        return "corpus";
    }

    private static EnvVarSource secretKey(String secret, String key) {
        return new EnvVarSourceBuilder().withNewSecretKeyRef(key, secret, null).build();
    }

    private static PodSpecBuilder withVariable(PodSpecBuilder spec, String name, EnvVarSource source) {
        return spec.editFirstContainer()
                .addNewEnv()
                .withName(name)
                .withValueFrom(source)
                .endEnv()
                .endContainer();
    }

    private static PodSpecBuilder withConfigMap(PodSpecBuilder spec) {
        return spec.addNewVolume()
                .withName("config")
                .withNewConfigMap()
                .withName("config")
                .endConfigMap()
                .endVolume()
                .editFirstContainer()
                .addNewVolumeMount()
                .withName("config")
                .withMountPath("/etc/embedding-operator")
                .endVolumeMount()
                .endContainer();
    }

    private static PodSpecBuilder withGpu(PodSpecBuilder spec) {
        return spec.editFirstContainer()
                .withNewResources()
                .addToLimits("nvidia.com/gpu", Quantity.parse("1"))
                .endResources()
                .endContainer();
    }

    private static PodSpecBuilder withInitContainer(PodSpecBuilder spec, String script) {
        spec.addNewVolume()
                .withName("tmp")
                .withNewEmptyDir()
                .endEmptyDir()
                .endVolume()
                .editFirstContainer()
                .withTerminationMessagePolicy("FallbackToLogsOnError")
                .addNewVolumeMount()
                .withName("tmp")
                .withMountPath("/tmp")
                .endVolumeMount()
                .endContainer();
        return spec.addNewInitContainerLike(spec.buildFirstContainer())
                .withName("init")
                .withArgs(script)
                .endInitContainer();
    }
}
