package io.embeddingoperator.operator;

import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.operator.config.LogSettings;
import io.embeddingoperator.operator.config.OperatorSettings;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The program {@code embedding-operator}: runs until it is told to stop or cannot go on. It ends with 64 when a setting is
 * wrong, with 75 when it could not start, and with 1 when it cannot go on; Kubernetes starts it again.
 */
public final class Operator {
    private static final int CANNOT_GO_ON = 1;

    private final Logger log = LoggerFactory.getLogger(Operator.class);

    private Operator() {}

    public static void main(String[] arguments) {
        try {
            OperatorSettings settings = OperatorSettings.from(System.getenv());
            announce(settings.log());
            new Operator().run(settings);
        } catch (IllegalArgumentException e) {
            System.err.println("embedding-operator: " + e.getMessage());
            System.exit(ExitCode.BAD_SPECIFICATION.code());
        }
    }

    private void run(OperatorSettings settings) {
        try {
            KubernetesClient client = OperatorClient.create();
            RunningOperator operator = new RunningOperator(settings, client, instance(System.getenv()), this::end);
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                log.info("stops");
                                operator.close();
                                client.close();
                            },
                            "stop"));
            log.info("started on port {} with {}", operator.port(), settings);
        } catch (RuntimeException e) {
            log.error("could not start; it is tried again when the process is started again", e);
            System.exit(ExitCode.TRY_AGAIN.code());
        }
    }

    /** At once, without the shutdown hook: what this process knows may be wrong from now on. */
    private void end(String sentence) {
        log.error("{}", sentence);
        Runtime.getRuntime().halt(CANNOT_GO_ON);
    }

    /** The logging library reads these when the first line is logged, and not before. */
    private static void announce(LogSettings settings) {
        System.setProperty("embedding.log.format", settings.format());
        System.setProperty("embedding.log.level", settings.level());
    }

    /** The name of the pod, and a part that differs even where two processes share a host. */
    private static String instance(Map<String, String> environment) {
        String host = Optional.ofNullable(environment.get("HOSTNAME")).orElse("embedding-operator");
        return host + "_" + UUID.randomUUID().toString().substring(0, 8);
    }
}
