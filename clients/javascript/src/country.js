// The country that events carry: two letters, as the server takes them.
import { countryOfTimeZone } from "./countries.js";

/** ISO 3166 code in capitals, or undefined for anything that is not two letters, such as "Germany". */
export function countryCode(value) {
  return /^[A-Za-z]{2}$/.test(value ?? "") ? value.toUpperCase() : undefined;
}

export function countryFromTimeZone() {
  try {
    return countryOfTimeZone(Intl.DateTimeFormat().resolvedOptions().timeZone);
  } catch {
    return undefined;
  }
}
