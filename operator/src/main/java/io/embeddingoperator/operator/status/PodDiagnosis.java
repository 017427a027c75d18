package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.operator.status.PodTrouble.ContainerRefused;
import io.embeddingoperator.operator.status.PodTrouble.Crashed;
import io.embeddingoperator.operator.status.PodTrouble.Disrupted;
import io.embeddingoperator.operator.status.PodTrouble.Ended;
import io.embeddingoperator.operator.status.PodTrouble.ImagePull;
import io.embeddingoperator.operator.status.PodTrouble.InvalidImage;
import io.embeddingoperator.operator.status.PodTrouble.MissingConfigMap;
import io.embeddingoperator.operator.status.PodTrouble.MissingSecret;
import io.embeddingoperator.operator.status.PodTrouble.MissingSecretKey;
import io.embeddingoperator.operator.status.PodTrouble.OutOfMemory;
import io.embeddingoperator.operator.status.PodTrouble.RunnerEnded;
import io.embeddingoperator.operator.status.PodTrouble.SlowStart;
import io.embeddingoperator.operator.status.PodTrouble.TurnedAway;
import io.embeddingoperator.operator.status.PodTrouble.Waiting;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecretKeySelector;
import io.fabric8.kubernetes.api.model.Volume;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tells from a pod what keeps it from embedding. */
final class PodDiagnosis {
    /** A pod waits this long for the place of the one before it as a matter of course. */
    static final Duration PATIENCE_WITH_SCHEDULER = Duration.ofSeconds(10);

    /** Volumes mount and images of gigabytes start to be pulled well within this. */
    static final Duration PATIENCE_WITH_START = Duration.ofMinutes(2);

    private static final int QUOTED = 300;

    private static final Pattern NO_SECRET = Pattern.compile("secrets? \"([^\"]+)\" not found");
    private static final Pattern NO_SECRET_KEY = Pattern.compile("couldn't find key (\\S+) in Secret [^/\\s]+/(\\S+)");
    private static final Pattern NO_CONFIG_MAP = Pattern.compile("configmaps? \"([^\"]+)\" not found");
    private static final Pattern NO_CONFIG_KEY =
            Pattern.compile("couldn't find key (\\S+) in ConfigMap [^/\\s]+/(\\S+)");

    private final RunnerPod pod;
    private final Instant now;

    private PodDiagnosis(RunnerPod pod, Instant now) {
        this.pod = pod;
        this.now = now;
    }

    /** Empty when the pod works, starts as it should, or ended well. */
    static Optional<PodTrouble> of(RunnerPod pod, Instant now) {
        PodDiagnosis diagnosis = new PodDiagnosis(pod, now);
        return switch (pod.phase()) {
            case "Succeeded" -> Optional.empty();
            case "Failed" -> Optional.of(diagnosis.ended());
            case "Running" -> diagnosis.disruption().map(Function.identity());
            default ->
                diagnosis.disruption().<PodTrouble>map(Function.identity()).or(diagnosis::waiting);
        };
    }

    private Optional<Waiting> waiting() {
        return unscheduled().or(this::containerWaiting).or(this::slowStart);
    }

    private Optional<Waiting> unscheduled() {
        return pod.condition("PodScheduled")
                .filter(scheduled -> "False".equals(scheduled.getStatus()))
                .filter(scheduled -> RunnerPod.isOlder(scheduled.getLastTransitionTime(), PATIENCE_WITH_SCHEDULER, now))
                .map(scheduled -> Scheduling.trouble(pod, Sentence.quote(scheduled.getMessage(), QUOTED)));
    }

    private Optional<Waiting> containerWaiting() {
        return Stream.concat(
                        pod.status().getInitContainerStatuses().stream(), pod.status().getContainerStatuses().stream())
                .filter(container -> container.getState() != null
                        && container.getState().getWaiting() != null
                        && container.getState().getWaiting().getReason() != null)
                .map(container ->
                        containerWaiting(container, container.getState().getWaiting()))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private Optional<Waiting> containerWaiting(ContainerStatus container, ContainerStateWaiting state) {
        String words = Sentence.quote(state.getMessage(), QUOTED);
        return switch (state.getReason()) {
            case "CreateContainerConfigError" -> Optional.of(missing(words));
            case "ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "ImageInspectError", "RegistryUnavailable" ->
                Optional.of(new ImagePull(container.getImage(), pullFailure(words)));
            case "InvalidImageName" -> Optional.of(new InvalidImage(container.getImage()));
            case "CreateContainerError", "RunContainerError", "CrashLoopBackOff", "CreatePodSandboxError" ->
                Optional.of(new ContainerRefused(words.isEmpty() ? state.getReason() : words));
            default -> Optional.empty();
        };
    }

    /** The kubelet alternates between two reasons; what stands after the first colon is the same in both. */
    private static String pullFailure(String words) {
        Matcher backOff = Pattern.compile("Back-off pulling image \"[^\"]*\"(?:: ErrImagePull: )?")
                .matcher(words);
        String cause = backOff.lookingAt() ? words.substring(backOff.end()) : words;
        return cause.isEmpty() ? "back-off after several failures" : cause;
    }

    private Waiting missing(String words) {
        Matcher secret = NO_SECRET.matcher(words);
        if (secret.find()) {
            return new MissingSecret(pod.namespace(), secret.group(1), keysOf(secret.group(1)));
        }
        Matcher key = NO_SECRET_KEY.matcher(words);
        if (key.find()) {
            return new MissingSecretKey(pod.namespace(), key.group(2), key.group(1));
        }
        Matcher configMap = NO_CONFIG_MAP.matcher(words);
        if (configMap.find()) {
            return new MissingConfigMap(pod.namespace(), "ConfigMap " + configMap.group(1));
        }
        Matcher configKey = NO_CONFIG_KEY.matcher(words);
        if (configKey.find()) {
            return new MissingConfigMap(
                    pod.namespace(), "key %s of ConfigMap %s".formatted(configKey.group(1), configKey.group(2)));
        }
        return new ContainerRefused(words.isEmpty() ? "CreateContainerConfigError" : words);
    }

    private List<String> keysOf(String secret) {
        return containers()
                .flatMap(container -> container.getEnv().stream())
                .filter(variable -> variable.getValueFrom() != null
                        && variable.getValueFrom().getSecretKeyRef() != null)
                .map(variable -> variable.getValueFrom().getSecretKeyRef())
                .filter(reference -> secret.equals(reference.getName()))
                .map(SecretKeySelector::getKey)
                .distinct()
                .sorted()
                .toList();
    }

    private Optional<Waiting> slowStart() {
        return pod.condition("PodScheduled")
                .filter(scheduled -> "True".equals(scheduled.getStatus()))
                .filter(scheduled -> scheduled.getLastTransitionTime() != null)
                .filter(scheduled -> RunnerPod.isOlder(scheduled.getLastTransitionTime(), PATIENCE_WITH_START, now))
                .map(_ -> new SlowStart(pod.namespace(), volumes()));
    }

    /** Those that others provide; the operator's own ConfigMap and temporary folders always mount. */
    private String volumes() {
        return pod.pod().getSpec() == null
                ? ""
                : pod.pod().getSpec().getVolumes().stream()
                        .map(PodDiagnosis::provided)
                        .flatMap(Optional::stream)
                        .collect(Collectors.joining(", "));
    }

    private static Optional<String> provided(Volume volume) {
        if (volume.getPersistentVolumeClaim() != null) {
            return Optional.of("claim " + volume.getPersistentVolumeClaim().getClaimName());
        }
        if (volume.getSecret() != null) {
            return Optional.of("Secret " + volume.getSecret().getSecretName());
        }
        if (volume.getImage() != null) {
            return Optional.of("image " + volume.getImage().getReference());
        }
        return Optional.empty();
    }

    private Ended ended() {
        return disruption()
                .or(() -> pod.ended().map(this::ended))
                .or(this::initEnded)
                .orElseGet(() -> new TurnedAway(
                        pod.status().getReason() == null
                                ? "no reason given"
                                : pod.status().getReason(),
                        Sentence.quote(pod.status().getMessage(), QUOTED)));
    }

    private Ended ended(ContainerStateTerminated state) {
        int exitCode = state.getExitCode() == null ? -1 : state.getExitCode();
        if ("OOMKilled".equals(state.getReason())) {
            return new OutOfMemory(memoryLimit());
        }
        Optional<Progress> lastWords = TerminationMessages.finalProgress(pod.pod());
        String sentence = lastWords
                .map(words -> Sentence.quote(words.message(), 2 * QUOTED))
                .orElse("");
        Optional<ExitCode> known = Arrays.stream(ExitCode.values())
                .filter(code -> code != ExitCode.DONE && code.code() == exitCode)
                .findFirst();
        return known.<Ended>map(code -> new RunnerEnded(code, sentence.isEmpty() ? words(code) : sentence))
                .orElseGet(() -> new Crashed(
                        exitCode, lastWords.isPresent() ? sentence : Sentence.quote(state.getMessage(), QUOTED)));
    }

    /** What an exit code says by itself, where the runner left no sentence. */
    private static String words(ExitCode code) {
        return switch (code) {
            case DONE -> "it is done";
            case BAD_SPECIFICATION -> "the specification cannot work; the log of its pod tells why";
            case TOO_MANY_FAILED_DOCUMENTS ->
                "more documents failed than spec.failurePolicy.maxFailedDocuments allows; all others are embedded;"
                        + " the reasons are in embedding_operator.failed_documents";
            case TRY_AGAIN -> "something outside was unavailable; the log of its pod tells what";
            case INTERRUPTED, TERMINATED -> "the runner was stopped";
        };
    }

    private Optional<Ended> initEnded() {
        return pod.status().getInitContainerStatuses().stream()
                .map(ContainerStatus::getState)
                .filter(state -> state != null && state.getTerminated() != null)
                .map(state -> state.getTerminated())
                .filter(state -> state.getExitCode() != null && state.getExitCode() != 0)
                .<Ended>map(state -> new Crashed(state.getExitCode(), Sentence.quote(state.getMessage(), QUOTED)))
                .findFirst();
    }

    private Optional<Ended> disruption() {
        return pod.disruption().map(condition -> new Disrupted(cause(condition)));
    }

    private String cause(PodCondition condition) {
        String reason = condition.getReason() == null ? "" : condition.getReason();
        return switch (reason) {
            case "PreemptionByScheduler" -> "a pod of higher priority took its place";
            case "DeletionByTaintManager" -> "its node stopped answering, or was tainted";
            case "DeletionByPodGC" -> "its node is gone";
            case "EvictionByEvictionAPI" -> "its node was drained";
            case "TerminationByKubelet" ->
                "its node shut down or ran short"
                        + (pod.status().getMessage() == null
                                ? ""
                                : " (%s)".formatted(Sentence.quote(pod.status().getMessage(), QUOTED)));
            default -> "Kubernetes moved it" + (reason.isEmpty() ? "" : " (" + reason + ")");
        };
    }

    private String memoryLimit() {
        return containers()
                .filter(container -> RunnerPod.CONTAINER.equals(container.getName()))
                .filter(container -> container.getResources() != null
                        && container.getResources().getLimits() != null)
                .map(container -> container.getResources().getLimits().get("memory"))
                .filter(limit -> limit != null)
                .map(Quantity::toString)
                .findFirst()
                .orElse(null);
    }

    private Stream<Container> containers() {
        return pod.pod().getSpec() == null ? Stream.empty() : pod.pod().getSpec().getContainers().stream();
    }
}
