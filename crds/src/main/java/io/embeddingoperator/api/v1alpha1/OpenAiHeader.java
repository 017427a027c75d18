package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A header of every request to a server, as gateways want it: exactly one of value and secretKeyRef is set.
 *
 * @param name the name of the header, for example {@code Helicone-Auth}
 * @param value the value, where it is no secret, for example {@code openai}; without it secretKeyRef is set
 * @param secretKeyRef the key of a Secret that holds the value
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "has(self.value) != has(self.secretKeyRef)",
        message = "a header needs exactly one of value, secretKeyRef")
@ValidationRule(
        value = "!self.name.matches('" + OpenAiHeader.RUNNERS + "')",
        messageExpression = "'name is %s, " + OpenAiHeader.RUNNERS_ADVICE + "'.format([self.name])",
        fieldPath = ".name")
public record OpenAiHeader(
        @Required @Size(max = Limit.NAME) @Pattern(OpenAiHeader.NAME)
        String name,

        @Size(max = Limit.VALUE) @Pattern(OpenAiHeader.VALUE) @Nullable
        String value,

        @Nullable SecretKeyReference secretKeyRef) {
    /** Of the characters that HTTP allows in a name, those that gateways let pass. */
    static final String NAME = "^[A-Za-z0-9_-]+$";

    /** Printable characters, with spaces between them. */
    static final String VALUE = "^[!-~]([ -~]*[!-~])?$";

    /** What the runner sets by other fields, what describes the body, and what belongs to the connection. */
    static final String RUNNERS =
            "(?i)^(authorization|api-key|openai-organization|openai-project|accept|accept-encoding|user-agent|host"
                    + "|content-(type|length|encoding)|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect)$";

    static final String RUNNERS_ADVICE = "which the runner sets itself: remove it; a key belongs into apiKey";

    static List<OpenAiHeader> checked(@Nullable List<OpenAiHeader> values, String field) {
        List<OpenAiHeader> headers = Field.items(values, field);
        Set<String> names = new HashSet<>();
        for (int i = 0; i < headers.size(); i++) {
            OpenAiHeader header = headers.get(i);
            header.check("%s[%d]".formatted(field, i));
            Field.check(
                    names.add(header.plainName()),
                    "%s has %s twice, in other letters or with _ for -: remove one of them"
                            .formatted(field, header.name()));
        }
        return headers;
    }

    /** The value is in no sentence: it may be a secret all the same. */
    private void check(String field) {
        Field.requiredText(name, field + ".name", "name the header, for example Helicone-Auth");
        Field.check(
                Field.matches(NAME, name), () -> "%s.name is %s: use letters, digits, - and _".formatted(field, name));
        Field.check(!Field.matches(RUNNERS, name), () -> "%s.name is %s, %s".formatted(field, name, RUNNERS_ADVICE));
        Field.check(
                (value == null) != (secretKeyRef == null),
                () -> "%s (%s) needs exactly one of value, secretKeyRef".formatted(field, name));
        Field.check(
                value == null || Field.matches(VALUE, value),
                () -> "%s (%s).value is no value of a header: use printable characters, without spaces at its ends"
                        .formatted(field, name));
    }

    /** The same for names that many servers do not tell apart. */
    public String plainName() {
        return name.toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
