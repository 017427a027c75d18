package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Set;

/**
 * An environment variable of the runner container, with its value as it is: neither a Secret nor another variable is read into
 * it.
 *
 * @param name EMBEDDING_LOG_LEVEL, EMBEDDING_LOG_FORMAT, EMBEDDING_OPERATOR_CACHE, EMBEDDING_RUNNER_JAVA_OPTIONS, or a name that
 *     the operator was installed to allow, for example {@code HF_ENDPOINT}
 * @param value the value, for example {@code DEBUG}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!self.name.matches('" + TemplateVariable.NEVER + "')",
        message = TemplateVariable.NEVER_ADVICE,
        fieldPath = ".name")
@ValidationRule(
        value = "!self.name.startsWith('EMBEDDING_') || self.name in ['EMBEDDING_LOG_LEVEL', 'EMBEDDING_LOG_FORMAT',"
                + " 'EMBEDDING_OPERATOR_CACHE', 'EMBEDDING_RUNNER_JAVA_OPTIONS']",
        message = TemplateVariable.OWN_ADVICE,
        fieldPath = ".name")
@ValidationRule(value = "!self.value.contains('$(')", message = TemplateVariable.REFERENCE_ADVICE, fieldPath = ".value")
@ValidationRule(
        value = "self.name != 'EMBEDDING_RUNNER_JAVA_OPTIONS' || self.value.matches('"
                + TemplateVariable.JAVA_OPTIONS
                + "')",
        message = TemplateVariable.JAVA_OPTIONS_ADVICE,
        fieldPath = ".value")
@ValidationRule(
        value = "self.name != 'EMBEDDING_LOG_LEVEL' || self.value in ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR']",
        message = TemplateVariable.LOG_LEVEL_ADVICE,
        fieldPath = ".value")
@ValidationRule(
        value = "self.name != 'EMBEDDING_LOG_FORMAT' || self.value in ['text', 'json']",
        message = TemplateVariable.LOG_FORMAT_ADVICE,
        fieldPath = ".value")
@ValidationRule(
        value = "self.name != 'EMBEDDING_OPERATOR_CACHE' || self.value.matches('" + TemplateVariable.CACHE + "')",
        message = TemplateVariable.CACHE_ADVICE,
        fieldPath = ".value")
public record TemplateVariable(
        @Required @Size(max = Limit.NAME) @Pattern(TemplateVariable.NAME)
        String name,

        @Required @Size(max = Limit.VALUE) String value) {
    /** The variables that every template may set; their values are checked here. */
    public static final Set<String> RUNNERS = Set.of(
            "EMBEDDING_LOG_LEVEL", "EMBEDDING_LOG_FORMAT", "EMBEDDING_OPERATOR_CACHE", "EMBEDDING_RUNNER_JAVA_OPTIONS");

    static final String NAME = "^[A-Za-z_][A-Za-z0-9_]*$";

    /**
     * What a loader, a shell, the JVM, a native library or a driver reads before or beside the runner: with one of these a
     * template would choose which code runs, or where credentials are sent.
     */
    static final String NEVER =
            "(?i)^(LD_.*|DYLD_.*|GLIBC_.*|MALLOC_.*|GCONV_.*|LOCPATH|NLSPATH|LOCALDOMAIN|RES_OPTIONS"
                    + "|HOSTALIASES|_?JAVA.*|_?JDK.*|_?JVM.*|JRE.*|CLASSPATH|BASH.*|ENV|SHELL.*|PATH|IFS|PS[0-9]|PROMPT_.*|CDPATH"
                    + "|GLOBIGNORE|HOME|TMP.*|TEMP.*|PYTHON.*|PERL.*|RUBY.*|NODE_.*|OPENSSL_.*|SSL_.*|SSLKEYLOGFILE|PG.*|AWS_.*"
                    + "|AZURE_.*|GOOGLE_.*|KUBERNETES_.*|KUBECONFIG|JOB_COMPLETION_INDEX|HOSTNAME|DJL_.*|ORT_.*|RUST_.*"
                    + "|TOKENIZERS_.*|CUDA_.*|NVIDIA_.*|OMP_TOOL.*|LIBRARY_PATH|OPERATOR_.*|HF_TOKEN)$";

    static final String NEVER_ADVICE =
            "this variable can change which code the runner loads, where it finds its data or"
                    + " whose credentials it uses: remove it";
    static final String OWN_ADVICE = "the operator sets this variable itself: remove it";
    static final String REFERENCE_ADVICE = "a value may not refer to another variable by $(…): write the value itself";

    private static final String SIZE = "[0-9]{1,9}[kKmMgG]?";
    private static final String SWITCH = "(true|false)";

    /** Memory, processors, the collector, and the proxy of encrypted connections. */
    static final String JAVA_OPTIONS = "^ *((-Xm[sxn]" + SIZE + "|-Xss" + SIZE + "|-XX:(Max|Min|Initial)RAMPercentage="
            + "[0-9]{1,3}([.][0-9]{1,3})?|-XX:MaxDirectMemorySize=" + SIZE + "|-XX:MaxMetaspaceSize=" + SIZE
            + "|-XX:ActiveProcessorCount=[0-9]{1,4}|-XX:[+]Use(Serial|Parallel|G1|Z|Shenandoah)GC"
            + "|-XX:[+](ExitOnOutOfMemoryError|UseCompactObjectHeaders)|-Dhttps[.]proxyHost=[A-Za-z0-9.-]+"
            + "|-Dhttps[.]proxyPort=[0-9]{1,5}|-Dhttp[.]nonProxyHosts=[A-Za-z0-9.*|-]+"
            + "|-Djava[.]net[.]prefer(IPv4Stack|IPv6Addresses)=" + SWITCH + ")( +|$))*$";

    static final String JAVA_OPTIONS_ADVICE = "EMBEDDING_RUNNER_JAVA_OPTIONS takes only -Xms, -Xmx, -Xmn, -Xss,"
            + " -XX:MaxRAMPercentage, -XX:MaxDirectMemorySize, -XX:MaxMetaspaceSize, -XX:ActiveProcessorCount,"
            + " -XX:+UseSerialGC and its like, -Dhttps.proxyHost, -Dhttps.proxyPort, -Dhttp.nonProxyHosts and"
            + " -Djava.net.preferIPv4Stack or preferIPv6Addresses: remove the others";
    static final String LOG_LEVEL_ADVICE = "EMBEDDING_LOG_LEVEL takes TRACE, DEBUG, INFO, WARN or ERROR";
    static final String LOG_FORMAT_ADVICE = "EMBEDDING_LOG_FORMAT takes text or json";

    static final String CACHE = "^/(tmp|models?|data|cache|scratch|mnt)(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*/?$";
    static final String CACHE_ADVICE =
            "EMBEDDING_OPERATOR_CACHE takes a folder in /tmp or in a volume of the template," + " such as /cache";

    /** Whether no template may set it, even where the installation allows it by name. */
    public static boolean isNeverAllowed(String name) {
        return Field.matches(NEVER, name) || (name.startsWith("EMBEDDING_") && !RUNNERS.contains(name));
    }

    /** The value is in no sentence: it may be a secret. */
    void check(String field) {
        Field.requiredText(name, field + ".name", "name the variable, or remove it");
        String called = field + " (" + name + ")";
        Field.check(Field.matches(NAME, name), () -> field + ".name is " + name + ": use letters, digits and _");
        Field.check(!Field.matches(NEVER, name), () -> called + ": " + NEVER_ADVICE);
        Field.check(!isNeverAllowed(name), () -> called + ": " + OWN_ADVICE);
        Field.required(
                value, called + ".value", "write the value itself, which valueFrom cannot replace, or remove it");
        Field.check(!value.contains("$("), () -> called + ": " + REFERENCE_ADVICE);
        switch (name) {
            case "EMBEDDING_RUNNER_JAVA_OPTIONS" ->
                Field.check(Field.matches(JAVA_OPTIONS, value), () -> field + ": " + JAVA_OPTIONS_ADVICE);
            case "EMBEDDING_LOG_LEVEL" ->
                Field.check(
                        Set.of("TRACE", "DEBUG", "INFO", "WARN", "ERROR").contains(value),
                        () -> field + ": " + LOG_LEVEL_ADVICE);
            case "EMBEDDING_LOG_FORMAT" ->
                Field.check(Set.of("text", "json").contains(value), () -> field + ": " + LOG_FORMAT_ADVICE);
            case "EMBEDDING_OPERATOR_CACHE" ->
                Field.check(Field.matches(CACHE, value), () -> field + ": " + CACHE_ADVICE);
            default -> {}
        }
    }
}
