// Longer than the line of a maker's own source, as in any bundle, so that what follows is seen to be minified.
export const TEXTS = {
  en: "Thank you for your visit. You can find what you bought below, and on the next pages what it was made of.",
  de: "Danke für Ihren Besuch. Unten steht, was Sie gekauft haben, und auf den nächsten Seiten, woraus es gemacht ist.",
  fr: "Merci de votre visite. Vos achats sont ci-dessous, et leur composition se trouve dans les pages suivantes.",
  it: "Grazie della visita. Qui sotto trovate i vostri acquisti, e nelle pagine seguenti di che cosa sono fatti.",
  es: "Gracias por su visita. Abajo están sus compras, y en las páginas siguientes se explica de qué están hechas.",
};
