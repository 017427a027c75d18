package io.embeddingoperator.runner.embed.openai.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Takes API keys and other secrets out of what a server says. Servers quote them in whole or in part, such as
 * {@code Incorrect API key provided: ab12**********yz89}; a hostile one may spell it otherwise.
 *
 * @param secrets as they are sent
 */
record KeyRedaction(List<String> secrets) {
    private static final String REDACTED = "***";

    /** So many characters in a row that stand in the key as well are no chance. */
    private static final int SHORTEST_PART = 5;

    /** Of an encoded key: five bytes in hexadecimal digits, which a request's number may share fewer of. */
    private static final int SHORTEST_ENCODED_PART = 10;

    /** OpenAI's form of a key, and any word that has stars in it. */
    private static final Pattern PARTIAL_KEY = Pattern.compile("\\bsk-[\\w*-]+|[\\w-]*\\*{3,}[\\w*-]*");

    /** No part of the secret behind it. */
    private static final Pattern SCHEME = Pattern.compile("(?i)^(bearer|basic|token|apikey) +");

    KeyRedaction {
        secrets = secrets.stream().filter(secret -> !secret.isEmpty()).toList();
    }

    String apply(String text) {
        String redacted = text;
        for (String secret : secrets) {
            redacted = without(SCHEME.matcher(secret).replaceFirst(""), redacted);
        }
        return PARTIAL_KEY.matcher(redacted).replaceAll(REDACTED);
    }

    private static String without(String key, String text) {
        String whole = key.toLowerCase(Locale.ROOT);
        String redacted = withoutParts(text.replace(key, REDACTED), whole);
        redacted = withoutParts(redacted, new StringBuilder(whole).reverse().toString());
        for (String form : encoded(key)) {
            redacted = withoutParts(redacted, form.toLowerCase(Locale.ROOT), SHORTEST_ENCODED_PART);
        }
        return redacted;
    }

    /** The key in hexadecimal digits, percent-encoded, and in Base64, which depends on how many bytes come before it. */
    private static List<String> encoded(String key) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        List<String> forms = new ArrayList<>();
        forms.add(HexFormat.of().formatHex(bytes));
        forms.add(HexFormat.of().withPrefix("%").formatHex(bytes));
        for (int before = 0; before < 3; before++) {
            byte[] shifted = new byte[before + bytes.length];
            System.arraycopy(bytes, 0, shifted, before, bytes.length);
            String base64 = Base64.getEncoder().withoutPadding().encodeToString(shifted);
            // The first and the last character hold bits of what stands beside the key.
            forms.add(base64.substring(before == 0 ? 0 : before + 1, base64.length() - 1));
        }
        return forms;
    }

    private static String withoutParts(String text, String key) {
        return withoutParts(text, key, SHORTEST_PART);
    }

    private static String withoutParts(String text, String key, int shortest) {
        if (key.length() < shortest) {
            return text;
        }
        StringBuilder rest = new StringBuilder(text.length());
        int at = 0;
        while (at < text.length()) {
            int length = sharedLength(text, at, key);
            if (length >= shortest) {
                rest.append(REDACTED);
                at += length;
            } else {
                rest.append(text.charAt(at++));
            }
        }
        return rest.toString();
    }

    /** How many characters from here on stand in the key one after the other. */
    private static int sharedLength(String text, int at, String key) {
        int longest = 0;
        for (int from = 0; from + longest < key.length(); from++) {
            int length = 0;
            while (at + length < text.length()
                    && from + length < key.length()
                    && Character.toLowerCase(text.charAt(at + length)) == key.charAt(from + length)) {
                length++;
            }
            longest = Math.max(longest, length);
        }
        return longest;
    }
}
