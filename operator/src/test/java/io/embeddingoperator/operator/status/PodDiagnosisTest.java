package io.embeddingoperator.operator.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.operator.status.PodTrouble.Crashed;
import io.embeddingoperator.operator.status.PodTrouble.Disrupted;
import io.embeddingoperator.operator.status.PodTrouble.EndedByNode;
import io.embeddingoperator.operator.status.PodTrouble.OutOfMemory;
import io.embeddingoperator.operator.status.PodTrouble.RunnerEnded;
import io.embeddingoperator.operator.status.PodTrouble.Waiting;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PodDiagnosisTest {
    private static PodTrouble troubleOf(TestingPod pod) {
        return PodDiagnosis.of(new ShardPod(pod.pod()), TestingRun.NOW).orElseThrow();
    }

    static Stream<Arguments> waitingPods() {
        return Stream.of(
                argumentSet(
                        "a missing Secret",
                        TestingPod.waiting(0, "CreateContainerConfigError", "secret \"vectors\" not found"),
                        StatusWord.MissingSecret,
                        "Secret vectors does not exist in namespace corpus: create it with the key uri, and the pods"
                                + " start by themselves"),
                argumentSet(
                        "a missing key of a Secret",
                        TestingPod.waiting(
                                0, "CreateContainerConfigError", "couldn't find key uri in Secret corpus/vectors"),
                        StatusWord.MissingSecretKey,
                        "Secret vectors in namespace corpus has no key uri: add it, and the pods start by themselves"),
                argumentSet(
                        "a missing ConfigMap",
                        TestingPod.waiting(0, "CreateContainerConfigError", "configmap \"settings\" not found"),
                        StatusWord.MissingConfigMap,
                        "ConfigMap settings is missing in namespace corpus: create it, and the pods start by themselves"),
                argumentSet(
                        "a missing key of a ConfigMap",
                        TestingPod.waiting(
                                0,
                                "CreateContainerConfigError",
                                "couldn't find key level in ConfigMap corpus/settings"),
                        StatusWord.MissingConfigMap,
                        "key level of ConfigMap settings is missing in namespace corpus: create it, and the pods start"
                                + " by themselves"),
                argumentSet(
                        "a container that must not be root",
                        TestingPod.waiting(
                                0,
                                "CreateContainerConfigError",
                                "container has runAsNonRoot and image will run as root"),
                        StatusWord.ContainerRefused,
                        "the node cannot create the container: container has runAsNonRoot and image will run as root"),
                argumentSet(
                        "an image that is pulled for the first time in vain",
                        TestingPod.waiting(0, "ErrImagePull", "registry.example/embedding-runner:0.1.0: not found"),
                        StatusWord.ImagePull,
                        "image registry.example/embedding-runner:0.1.0 cannot be pulled: check its name and the pull"
                                + " secrets; it is tried again (the node says:"
                                + " registry.example/embedding-runner:0.1.0: not found)"),
                argumentSet(
                        "the image of a model that cannot be pulled",
                        TestingPod.waiting(
                                        0,
                                        "ImagePullBackOff",
                                        "Back-off pulling image \"registry.example/model:2\": ErrImagePull: not found")
                                .withImageVolume("registry.example/model:2"),
                        StatusWord.ImagePull,
                        "image registry.example/model:2 cannot be pulled: check its name and the pull secrets; it is"
                                + " tried again (the node says: not found)"),
                argumentSet(
                        "a name that is no image",
                        TestingPod.waiting(
                                0,
                                "InvalidImageName",
                                "Failed to apply default image tag \"Bad Image\": couldn't parse"),
                        StatusWord.InvalidImage,
                        TestingPod.IMAGE
                                + " is no name of an image: correct it in the operator's settings, and change spec.runNonce: what is embedded already is kept"),
                argumentSet(
                        "a name of a model that is no image",
                        TestingPod.waiting(
                                        0,
                                        "InvalidImageName",
                                        "Failed to apply default image tag \"Bad Model\": couldn't parse")
                                .withImageVolume("Bad Model"),
                        StatusWord.InvalidImage,
                        "Bad Model is no name of an image: correct it in the manifest, and change spec.runNonce: what is embedded already is kept"),
                argumentSet(
                        "no free GPU",
                        TestingPod.unschedulable(
                                0,
                                "0/3 nodes are available: 3 Insufficient nvidia.com/gpu. preemption: 0/3 nodes are"
                                        + " available: 3 No preemption victims found for incoming pod."),
                        StatusWord.Unschedulable,
                        "no node has 1 nvidia.com/gpu free: add nodes that have it, wait until others give theirs back,"
                                + " or lower spec.sharding.parallelism (the scheduler says: 0/3 nodes are available: 3"
                                + " Insufficient nvidia.com/gpu)"),
                argumentSet(
                        "too little memory",
                        TestingPod.unschedulable(0, "0/1 nodes are available: 1 Insufficient memory."),
                        StatusWord.Unschedulable,
                        "no node has enough memory free: add nodes, lower spec.sharding.parallelism, or ask for less in"
                                + " spec.template.resources, and change spec.runNonce in the same edit: what is embedded already is kept (the scheduler says: 0/1 nodes are available: 1 Insufficient"
                                + " memory)"),
                argumentSet(
                        "a taint",
                        TestingPod.unschedulable(
                                0, "0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: gpu}."),
                        StatusWord.Unschedulable,
                        "the nodes are tainted: tolerate the taint in spec.template.tolerations, and change spec.runNonce in the same edit: what is embedded already is kept (the scheduler says: 0/1"
                                + " nodes are available: 1 node(s) had untolerated taint {dedicated: gpu})"),
                argumentSet(
                        "a selector that no node matches",
                        TestingPod.unschedulable(
                                0, "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."),
                        StatusWord.Unschedulable,
                        "no node has the labels that spec.template.nodeSelector and affinity ask for: label one, or change them, and change spec.runNonce in the same edit: what is embedded already is kept (the scheduler"
                                + " says: 0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector)"),
                argumentSet(
                        "a missing claim",
                        TestingPod.unschedulable(
                                0, "0/1 nodes are available: persistentvolumeclaim \"corpus\" not found. not found"),
                        StatusWord.MissingVolume,
                        "PersistentVolumeClaim corpus does not exist in namespace corpus: create it, and the pods start"
                                + " by themselves"),
                argumentSet(
                        "a volume that does not mount",
                        TestingPod.waiting(0, "ContainerCreating", null)
                                .condition("PodScheduled", "True", null, null, 300),
                        StatusWord.SlowStart,
                        "the container is still being created: most often its image is still being pulled"
                                + " (registry.example/embedding-runner:0.1.0), or a volume cannot be mounted (claim corpus);"
                                + " kubectl describe pod -n corpus tells which"));
    }

    @ParameterizedTest
    @MethodSource("waitingPods")
    void tellsWhatAPodWaitsFor(TestingPod pod, StatusWord word, String sentence) {
        PodTrouble trouble = troubleOf(pod);

        assertThat(trouble)
                .isInstanceOfSatisfying(
                        Waiting.class, waiting -> assertThat(waiting.word()).isEqualTo(word));
        assertThat(trouble.sentence()).isEqualTo(sentence);
        assertThat(word.isTrouble()).isTrue();
    }

    static Stream<Arguments> endedPods() {
        Progress failed = Progress.unplanned(
                new Progress.Process("corpus/articles", 1, 0), "spec.source.postgres.table: there is no articles");
        return Stream.of(
                argumentSet(
                        "a runner that knew why",
                        TestingPod.failed(0, 64, failed),
                        RunnerEnded.class,
                        "spec.source.postgres.table: there is no articles"),
                argumentSet(
                        "a runner that was cut off",
                        TestingPod.failed(0, 75, "{\"job\":\"corpus/art"),
                        RunnerEnded.class,
                        "something outside was unavailable; the log of its pod tells what"),
                argumentSet(
                        "out of memory",
                        TestingPod.of(0).phase("Failed").terminated(137, "OOMKilled", null),
                        OutOfMemory.class,
                        "the runner ran out of memory (limit 4Gi): raise spec.template.resources.limits.memory, and change spec.runNonce in the same edit: what is embedded already is kept"),
                argumentSet(
                        "killed",
                        TestingPod.failed(0, 137, (String) null),
                        Crashed.class,
                        "the runner ended with exit code 137 (it was killed)"),
                argumentSet(
                        "never started",
                        TestingPod.failed(0, 128, "exec: \"runner\": executable file not found in $PATH"),
                        Crashed.class,
                        "the runner ended with exit code 128 (it could not be started): exec: \"runner\": executable file"
                                + " not found in $PATH"),
                argumentSet(
                        "evicted for disk",
                        TestingPod.turnedAway(0, "Evicted", "The node was low on resource: ephemeral-storage."),
                        EndedByNode.class,
                        "the node ended the pod (Evicted): The node was low on resource: ephemeral-storage"),
                argumentSet(
                        "over its limit of local storage, for which its container was killed",
                        TestingPod.failed(0, 137, (String) null)
                                .endedByNode(
                                        "Evicted",
                                        "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. "),
                        EndedByNode.class,
                        "the node ended the pod (Evicted): Pod ephemeral local storage usage exceeds the total limit of"
                                + " containers 1Gi; raise spec.template.resources.limits.ephemeral-storage, and change"
                                + " spec.runNonce in the same edit: what is embedded already is kept"),
                argumentSet(
                        "over the limit of a folder, for which its runner left with a checkpoint",
                        TestingPod.failed(0, 143, failed)
                                .endedByNode(
                                        "Evicted", "Usage of EmptyDir volume \"cache\" exceeds the limit \"1Gi\". "),
                        EndedByNode.class,
                        "the node ended the pod (Evicted): Usage of EmptyDir volume \"cache\" exceeds the limit \"1Gi\";"
                                + " raise the volume's sizeLimit in spec.template.volumes, and change spec.runNonce in the same"
                                + " edit: what is embedded already is kept"),
                argumentSet(
                        "not taken in by a node whose disk is full",
                        TestingPod.failed(0, 137, (String) null)
                                .endedByNode("Evicted", "Pod was rejected: The node had condition: [DiskPressure]. "),
                        EndedByNode.class,
                        "the node did not take in the pod (Evicted): The node had condition: [DiskPressure]"),
                argumentSet(
                        "not taken in by a node that shuts down",
                        TestingPod.turnedAway(
                                0, "NodeShutdown", "Pod was rejected: Pod was rejected as the node is shutting down."),
                        EndedByNode.class,
                        "the node did not take in the pod (NodeShutdown): Pod was rejected as the node is shutting down"),
                argumentSet(
                        "not taken in without a device",
                        TestingPod.turnedAway(
                                0,
                                "UnexpectedAdmissionError",
                                "Pod was rejected: Allocate failed due to requested number of devices unavailable for"
                                        + " nvidia.com/gpu. Requested: 1, Available: 0, which is unexpected"),
                        EndedByNode.class,
                        "the node did not take in the pod (UnexpectedAdmissionError): Allocate failed due to requested number"
                                + " of devices unavailable for nvidia.com/gpu. Requested: 1, Available: 0, which is unexpected"),
                argumentSet(
                        "not taken in for want of memory",
                        TestingPod.turnedAway(
                                0,
                                "OutOfmemory",
                                "Pod was rejected: Node didn't have enough resource: memory, requested: 2, used: 1, capacity: 2"),
                        EndedByNode.class,
                        "the node did not take in the pod (OutOfmemory): Node didn't have enough resource: memory, requested:"
                                + " 2, used: 1, capacity: 2"),
                argumentSet(
                        "not taken in since the node lost its label",
                        TestingPod.turnedAway(
                                0,
                                "NodeAffinity",
                                "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match"),
                        EndedByNode.class,
                        "the node did not take in the pod (NodeAffinity): Predicate NodeAffinity failed: node(s) didn't match"),
                argumentSet(
                        "at work for longer than it may",
                        TestingPod.failed(0, 143, (String) null)
                                .endedByNode(
                                        "DeadlineExceeded",
                                        "Pod was active on the node longer than the specified deadline"),
                        EndedByNode.class,
                        "the node ended the pod (DeadlineExceeded): Pod was active on the node longer than the specified"
                                + " deadline"),
                argumentSet(
                        "a decision of the runner in the moment of an eviction, on which the Job acts",
                        TestingPod.failed(0, 64, failed)
                                .endedByNode("Evicted", "The node was low on resource: memory. "),
                        RunnerEnded.class,
                        "spec.source.postgres.table: there is no articles"),
                argumentSet(
                        "lost by a node that started anew",
                        TestingPod.of(0)
                                .phase("Failed")
                                .terminated(
                                        137,
                                        "ContainerStatusUnknown",
                                        "The container could not be located when the pod was terminated"),
                        EndedByNode.class,
                        "the node ended the pod (ContainerStatusUnknown): The container could not be located when the pod was"
                                + " terminated"),
                argumentSet(
                        "moved for memory",
                        TestingPod.failed(0, 137, (String) null)
                                .endedByNode("Evicted", "The node was low on resource: memory. ")
                                .condition(
                                        "DisruptionTarget",
                                        "True",
                                        "TerminationByKubelet",
                                        "The node was low on resource: memory. ",
                                        5),
                        Disrupted.class,
                        "its node ran short (Evicted: The node was low on resource: memory)"),
                argumentSet(
                        "moved for a critical pod",
                        TestingPod.failed(0, 137, (String) null)
                                .endedByNode("Preempting", "Preempted in order to admit critical pod")
                                .condition(
                                        "DisruptionTarget",
                                        "True",
                                        "TerminationByKubelet",
                                        "Pod was preempted by Kubelet to accommodate a critical pod.",
                                        5),
                        Disrupted.class,
                        "its node made room for a critical pod (Preempting: Preempted in order to admit critical pod)"),
                argumentSet(
                        "ended by a node that shuts down",
                        TestingPod.failed(0, 143, (String) null)
                                .endedByNode("Terminated", "Pod was terminated in response to imminent node shutdown.")
                                .condition(
                                        "DisruptionTarget",
                                        "True",
                                        "TerminationByKubelet",
                                        "Pod was terminated in response to imminent node shutdown.",
                                        5),
                        Disrupted.class,
                        "its node shut down (Terminated: Pod was terminated in response to imminent node shutdown)"),
                argumentSet(
                        "told to leave by its kubelet, which has not said why",
                        TestingPod.running(0)
                                .condition(
                                        "DisruptionTarget",
                                        "True",
                                        "TerminationByKubelet",
                                        "The node was low on resource: memory. ",
                                        5),
                        Disrupted.class,
                        "its node shut down, ran short or made room for a critical pod (TerminationByKubelet: The node was low"
                                + " on resource: memory)"),
                argumentSet(
                        "moved for a reason that is new",
                        TestingPod.running(0)
                                .condition(
                                        "DisruptionTarget", "True", "DeletionByDeviceTaintManager", "Device taint", 5),
                        Disrupted.class,
                        "Kubernetes moved it (DeletionByDeviceTaintManager: Device taint)"),
                argumentSet(
                        "done beside a sidecar that failed",
                        TestingPod.failed(0, 0, TestingProgress.complete(0).said()),
                        EndedByNode.class,
                        "the node ended the pod (the runner was done, and another container was not)"),
                argumentSet(
                        "told to stop",
                        TestingPod.failed(0, 143, (String) null),
                        Disrupted.class,
                        "it was told to stop"),
                argumentSet(
                        "drained, with the exit code of a termination",
                        TestingPod.failed(0, 143, (String) null)
                                .condition("DisruptionTarget", "True", "EvictionByEvictionAPI", "Eviction API", 5),
                        Disrupted.class,
                        "its node was drained"),
                argumentSet(
                        "preempted while it still runs",
                        TestingPod.running(0)
                                .condition("DisruptionTarget", "True", "PreemptionByScheduler", "preempting", 5),
                        Disrupted.class,
                        "a pod of higher priority took its place"),
                argumentSet(
                        "lost with its node",
                        TestingPod.of(0)
                                .phase("Unknown")
                                .condition("DisruptionTarget", "True", "DeletionByTaintManager", "taint", 5),
                        Disrupted.class,
                        "its node stopped answering, or was tainted"));
    }

    @ParameterizedTest
    @MethodSource("endedPods")
    void tellsHowAPodEnded(TestingPod pod, Class<? extends PodTrouble> kind, String sentence) {
        PodTrouble trouble = troubleOf(pod);

        assertThat(trouble).isInstanceOf(kind);
        assertThat(trouble.sentence()).isEqualTo(sentence);
    }

    @Test
    void tellsWhatAPersonCanDoForAPodThatItsLostNodeNeverLetsGo() {
        TestingPod pod = TestingPod.running(0)
                .onNode("node-2")
                .condition("DisruptionTarget", "True", "DeletionByTaintManager", "taint", 90)
                .leaving();

        assertThat(PodDiagnosis.of(new ShardPod(pod.pod()), TestingRun.NOW.plusSeconds(20)))
                .contains(new Disrupted("its node stopped answering, or was tainted", true));
        assertThat(PodDiagnosis.of(new ShardPod(pod.pod()), TestingRun.NOW.plusSeconds(31)))
                .hasValueSatisfying(trouble -> assertThat(trouble.sentence())
                        .contains(
                                "Kubernetes starts no other one before",
                                "kubectl delete node node-2",
                                "kubectl taint node node-2 node.kubernetes.io/out-of-service=nodeshutdown:NoExecute"));
    }

    @Test
    void tellsThatANodeHasStoppedAnsweringBeforeItsPodsAreGivenUp() {
        TestingPod pod = TestingPod.running(0).onNode("node-2").ready();

        assertThat(PodDiagnosis.of(new ShardPod(pod.pod()), TestingRun.NOW)).isEmpty();
        assertThat(troubleOf(pod.condition("Ready", "False", null, null, 1)).sentence())
                .isEqualTo(
                        "node node-2 has stopped answering: when it stays away, Kubernetes gives its pods up, after 5"
                                + " minutes unless spec.template.tolerations say otherwise");
    }

    @Test
    void hidesWhatChangesATerminalOrTheOrderOfAText() {
        PodTrouble trouble =
                troubleOf(TestingPod.turnedAway(0, "Evicted\u001b[31m", "low\u202e on\u009b memory\u2028 now"));

        assertThat(trouble.sentence())
                .isEqualTo("the node ended the pod (Evicted\\x1B[31m): low\\u202E on\\x9B memory now");
    }

    static Stream<Arguments> healthyPods() {
        return Stream.of(
                argumentSet("new", TestingPod.pending(0)),
                argumentSet(
                        "not placed for a moment",
                        TestingPod.pending(0).condition("PodScheduled", "False", "Unschedulable", "0/1 nodes", 2)),
                argumentSet(
                        "being created",
                        TestingPod.waiting(0, "ContainerCreating", null)
                                .condition("PodScheduled", "True", null, null, 30)),
                argumentSet("running", TestingPod.running(0)),
                argumentSet(
                        "done",
                        TestingPod.succeeded(0, TestingProgress.complete(0).said())));
    }

    @ParameterizedTest
    @MethodSource("healthyPods")
    void leavesHealthyPodsAlone(TestingPod pod) {
        assertThat(PodDiagnosis.of(new ShardPod(pod.pod()), TestingRun.NOW)).isEmpty();
    }

    @Test
    void takesTheFirstPullAndItsRepetitionForTheSameTrouble() {
        String cause = "failed to resolve reference: not found";

        PodTrouble first = troubleOf(TestingPod.waiting(0, "ErrImagePull", cause));
        PodTrouble again = troubleOf(TestingPod.waiting(
                0, "ImagePullBackOff", "Back-off pulling image \"" + TestingPod.IMAGE + "\": ErrImagePull: " + cause));

        assertThat(again).isEqualTo(first);
    }

    @Test
    void hidesPasswordsThatANodeQuotes() {
        PodTrouble trouble = troubleOf(
                TestingPod.waiting(0, "ErrImagePull", "Get \"https://robot:secret@registry.example/v2/\": no"));

        assertThat(trouble.sentence()).contains("https://***@registry.example").doesNotContain("secret@");
    }
}
