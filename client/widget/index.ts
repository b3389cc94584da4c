import { BursarChat } from './element.ts'

// A page may load the script twice; a name can be defined once.
if (!customElements.get('bursar-chat')) customElements.define('bursar-chat', BursarChat)
